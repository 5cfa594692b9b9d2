// Cropper lets a person choose the square of a picture that others see: drag, wheel, slider or arrow keys.
import { useEffect, useRef, useState } from "preact/hooks";
import { say } from "../text/say.ts";
import { Button } from "../ui/Controls.tsx";
import { Dialog } from "../ui/Dialog.tsx";
import css from "./settings.module.css";

const shown = 280; // pixels of the square on the screen
const kept = 512; // pixels of the square that is sent

interface Props {
  readonly image: ImageBitmap;
  readonly done: (picture: Blob) => Promise<void>;
  readonly cancel: () => void;
}

export function Cropper({ image, done, cancel }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const least = Math.min(image.width, image.height);
  const [zoom, setZoom] = useState(1);
  const [centre, setCentre] = useState({ x: image.width / 2, y: image.height / 2 });
  const side = least / zoom; // of the square, in pixels of the picture
  const within = (x: number, y: number) => ({
    x: Math.max(side / 2, Math.min(image.width - side / 2, x)),
    y: Math.max(side / 2, Math.min(image.height - side / 2, y)),
  });
  const at = within(centre.x, centre.y);
  const draw = (on: HTMLCanvasElement, size: number) => {
    on.width = on.height = size;
    const pen = on.getContext("2d");
    if (!pen) return;
    pen.imageSmoothingQuality = "high";
    pen.drawImage(image, at.x - side / 2, at.y - side / 2, side, side, 0, 0, size, size);
  };
  useEffect(() => {
    if (canvas.current) draw(canvas.current, shown * Math.min(2, devicePixelRatio));
  });
  const move = (dx: number, dy: number) => setCentre(within(at.x + (dx * side) / shown, at.y + (dy * side) / shown));
  const send = () => {
    const on = document.createElement("canvas");
    draw(on, Math.min(kept, Math.round(side)));
    on.toBlob((blob) => blob && void done(blob), "image/png");
  };
  return (
    <Dialog
      title={say("view.profile.crop")}
      close={cancel}
      size="small"
      foot={
        <>
          <Button onClick={cancel}>{say("view.no")}</Button>
          <Button kind="primary" onClick={send}>
            {say("view.profile.crop.go")}
          </Button>
        </>
      }
    >
      <div class={css.crop}>
        <canvas
          ref={canvas}
          role="img"
          tabIndex={0}
          aria-label={say("view.profile.crop.about")}
          onPointerDown={(e) => e.currentTarget.setPointerCapture(e.pointerId)}
          onPointerMove={(e) => e.buttons === 1 && move(-e.movementX, -e.movementY)}
          onWheel={(e) => {
            e.preventDefault();
            setZoom((z) => Math.max(1, Math.min(8, z * (e.deltaY < 0 ? 1.1 : 1 / 1.1))));
          }}
          onKeyDown={(e) => {
            const by = { ArrowLeft: [-8, 0], ArrowRight: [8, 0], ArrowUp: [0, -8], ArrowDown: [0, 8] }[e.key];
            if (!by) return;
            e.preventDefault();
            move(by[0] ?? 0, by[1] ?? 0);
          }}
        />
        <label>
          {say("view.profile.zoom")}
          <input
            type="range"
            min={1}
            max={8}
            step={0.1}
            value={zoom}
            onInput={(e) => setZoom(Number(e.currentTarget.value))}
          />
        </label>
      </div>
    </Dialog>
  );
}
