// Viewer shows one file in the large, with the room's other pictures and films before and after it: zoom, turn, save, copy.
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { FileInfo, Message } from "../../gen/protocol.ts";
import type { App } from "../../state/app.ts";
import { say } from "../../text/say.ts";
import { Icon, type IconName } from "../../ui/Icon.tsx";
import { note, width } from "../place.ts";
import { clock, fullDay } from "../when.ts";
import { copyPicture } from "./copypicture.ts";
import { address, gone, isFilm, isPDF, isPicture, moves, sizeOf, useGone } from "./facts.ts";
import { save } from "./save.ts";
import css from "./viewer.module.css";
import { viewed } from "./viewing.ts";

const shows = (f: FileInfo | undefined): f is FileInfo =>
  f !== undefined && !gone(f, Date.now()) && (isPicture(f) || isFilm(f) || isPDF(f));

export function Viewer({ app }: { readonly app: App }) {
  const at = viewed.value;
  if (!at) return null;
  return <Open key={at.room} app={app} {...at} />;
}

const close = () => {
  viewed.value = null;
};

function Open({ app, room, message }: { readonly app: App } & NonNullable<typeof viewed.value>) {
  const bubbles = app.model(room).bubbles.value;
  const all = useMemo(() => bubbles.map((b) => b.message).filter((m) => shows(m.file)), [bubbles]);
  const i = all.findIndex((m) => m.id === message);
  const m = all[i];
  const ref = useRef<HTMLDialogElement>(null);
  const [zoom, setZoom] = useState(1);
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    const before = document.activeElement;
    ref.current?.showModal();
    ref.current?.focus(); // its keys work at once; no button is chosen
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
    };
  }, []);
  useEffect(() => {
    setZoom(1);
    setTurn(0);
  }, [message]);
  // Taken back, or expired, while it is looked at.
  const over = useGone(m?.file);
  useEffect(() => {
    if (m && !over) return;
    if (over || bubbles.some((b) => b.message.id === message && b.message.file && gone(b.message.file, Date.now()))) {
      note(say("view.file.expired"));
    }
    close();
  }, [m, over]);
  if (!m?.file) return null;
  const f = m.file;
  const go = (n: number) => {
    const to = all[i + n];
    if (to) viewed.value = { room, message: to.id };
  };
  const scale = (by: number) => setZoom((z) => Math.max(0.25, Math.min(8, z * by)));
  const keys: Readonly<Record<string, () => void>> = {
    ArrowLeft: () => go(-1),
    ArrowRight: () => go(1),
    "+": () => scale(1.25),
    "=": () => scale(1.25),
    "-": () => scale(0.8),
    "0": () => setZoom(1),
    r: () => setTurn((t) => t + 90),
    s: () => save(app, f),
    Home: () => go(-i),
    End: () => go(all.length - 1 - i),
  };
  const picture = isPicture(f);
  // Where there is little room they stand at the foot, and who sent it, and when, keeps the head.
  const low = width.value === "narrow";
  const about = `${fullDay(m.at)} ${clock(m.at)} · ${sizeOf(f.size)}`;
  const tools = (
    <div class={low ? css.foot : css.tools}>
      {picture && (
        <>
          <Act icon="zoom-out" label={say("view.file.smaller")} onClick={() => scale(0.8)} />
          <Act icon="zoom-in" label={say("view.file.larger")} onClick={() => scale(1.25)} />
          <Act icon="rotate-cw" label={say("view.file.turn")} onClick={() => setTurn((t) => t + 90)} />
          <Act icon="copy" label={say("view.file.copy")} onClick={() => void copyPicture(f)} />
        </>
      )}
      <Act icon="download" label={say("view.file.save")} onClick={() => save(app, f)} />
    </div>
  );
  return (
    <dialog
      ref={ref}
      class={css.viewer}
      tabIndex={-1}
      aria-label={say("view.file.viewer", { name: f.name })}
      onCancel={(e) => {
        e.preventDefault();
        close();
      }}
      onKeyDown={(e) => {
        e.stopPropagation();
        if (e.ctrlKey || e.metaKey || e.altKey || e.isComposing) return;
        if (e.target instanceof HTMLMediaElement && e.key.startsWith("Arrow")) return;
        const act = keys[e.key];
        if (!act) return;
        e.preventDefault();
        act();
      }}
    >
      <header class={css.head}>
        <div class={css.words}>
          <h2>{f.name}</h2>
          {(low ? [m.senderName, about] : [`${m.senderName} · ${about}`]).map((line) => (
            <p key={line}>{line}</p>
          ))}
        </div>
        {!low && tools}
        <Act icon="x" label={say("view.close")} onClick={close} />
      </header>
      {/* biome-ignore lint/a11y/noStaticElementInteractions lint/a11y/useKeyWithClickEvents: Esc closes it by the keyboard, keys zoom */}
      <div
        class={css.stage}
        onClick={(e) => {
          if (e.target === e.currentTarget) close();
        }}
        onWheel={(e) => {
          if (picture) scale(e.deltaY < 0 ? 1.1 : 1 / 1.1);
        }}
      >
        <Shown key={m.id} m={m} f={f} zoom={zoom} turn={turn} onZoom={setZoom} />
      </div>
      {low && tools}
      {i > 0 && (
        <button
          type="button"
          class={`${css.side} ${css.before}`}
          aria-label={say("view.file.before")}
          onClick={() => go(-1)}
        >
          <Icon name="chevron-left" size={28} />
        </button>
      )}
      {i < all.length - 1 && (
        <button
          type="button"
          class={`${css.side} ${css.after}`}
          aria-label={say("view.file.after")}
          onClick={() => go(1)}
        >
          <Icon name="chevron-right" size={28} />
        </button>
      )}
    </dialog>
  );
}

// wholeWidth is how wide a picture may be so that all of it is seen, also when it lies on its side.
function wholeWidth(f: FileInfo, turn: number): string {
  const { width = 1, height = 1 } = f;
  const [across, along] = turn % 180 === 0 ? ["cqw", "cqh"] : ["cqh", "cqw"];
  return `min(${width}px, 100${across}, 100${along} * ${width / height})`;
}

interface ShownProps {
  readonly m: Message;
  readonly f: FileInfo;
  readonly zoom: number;
  readonly turn: number;
  readonly onZoom: (z: number) => void;
}

function Shown({ f, zoom, turn, onZoom }: ShownProps) {
  const [moved, setMoved] = useState({ x: 0, y: 0 });
  const [whole, setWhole] = useState(false); // the original, once somebody looks closer
  const [bad, setBad] = useState(false); // it cannot be had, or not be shown
  useEffect(() => {
    if (zoom > 1.2) setWhole(true);
    if (zoom <= 1) setMoved({ x: 0, y: 0 });
  }, [zoom]);
  if (bad) {
    return (
      <div class={css.bad} role="alert">
        <p>{say(isFilm(f) ? "view.file.badFilm" : "view.file.bad")}</p>
        <button type="button" onClick={() => setBad(false)}>
          <Icon name="rotate-cw" size={18} />
          {say("view.download.again")}
        </button>
      </div>
    );
  }
  if (isPDF(f)) return <Paper f={f} />;
  if (isFilm(f)) {
    return (
      <video
        class={css.film}
        src={address(f)}
        controls
        autoplay
        playsInline
        onError={() => setBad(true)}
        {...(f.thumb ? { poster: address(f, "screen") } : {})}
      />
    );
  }
  const src = whole || moves(f) || !f.thumb ? address(f) : address(f, "screen");
  return (
    <img
      class={css.picture}
      src={src}
      alt={f.name}
      draggable={false}
      onError={() => setBad(true)}
      style={{
        transform: `translate(${moved.x}px, ${moved.y}px) rotate(${turn}deg) scale(${zoom})`,
        // Before its bytes are there the thumbnail fills the place.
        ...(f.thumb ? { backgroundImage: `url("${address(f, "thumb")}")` } : {}),
        aspectRatio: `${f.width ?? 1} / ${f.height ?? 1}`,
        width: wholeWidth(f, turn),
      }}
      onDblClick={() => onZoom(zoom === 1 ? 2.5 : 1)}
      onPointerDown={(e) => {
        if (zoom <= 1) return;
        const from = { x: e.clientX - moved.x, y: e.clientY - moved.y };
        const el = e.currentTarget;
        el.setPointerCapture(e.pointerId);
        const move = (p: PointerEvent) => setMoved({ x: p.clientX - from.x, y: p.clientY - from.y });
        const end = () => {
          el.removeEventListener("pointermove", move);
          el.removeEventListener("pointerup", end);
          el.removeEventListener("pointercancel", end);
        };
        el.addEventListener("pointermove", move);
        el.addEventListener("pointerup", end);
        el.addEventListener("pointercancel", end);
      }}
    />
  );
}

// Paper shows a document by the browser's own viewer. Until that has it, and where the browser has none, the first page
// stands there as the server has drawn it.
function Paper({ f }: { readonly f: FileInfo }) {
  const frame = useRef<HTMLIFrameElement>(null);
  const [here, setHere] = useState(false);
  const slow = useSlow(!here);
  const able = navigator.pdfViewerEnabled !== false;
  // WebKit tells nobody that it has begun to show a document; what the frame holds then is no longer empty.
  useEffect(() => {
    if (here || !able) return;
    const look = setInterval(() => setHere(frame.current?.contentDocument?.URL !== "about:blank"), 100);
    return () => clearInterval(look);
  }, [here, able]);
  return (
    <div class={css.pages}>
      {!here && f.thumb && <img class={css.first} src={address(f, "screen")} alt="" />}
      {able ? (
        <iframe ref={frame} class={css.page} src={address(f)} title={f.name} onLoad={() => setHere(true)} />
      ) : (
        <p class={css.told}>{say("view.file.noPages")}</p>
      )}
      {able && !here && slow && <progress class={css.coming} aria-label={say("view.loading")} />}
    </div>
  );
}

// useSlow: what is waited for has taken so long that the wait has to be seen.
function useSlow(waiting: boolean): boolean {
  const [slow, setSlow] = useState(false);
  useEffect(() => {
    if (!waiting) return setSlow(false);
    const timer = setTimeout(() => setSlow(true), 800);
    return () => clearTimeout(timer);
  }, [waiting]);
  return slow;
}

function Act({
  icon,
  label,
  onClick,
}: {
  readonly icon: IconName;
  readonly label: string;
  readonly onClick: () => void;
}) {
  return (
    <button type="button" aria-label={label} title={label} onClick={onClick}>
      <Icon name={icon} size={20} />
    </button>
  );
}
