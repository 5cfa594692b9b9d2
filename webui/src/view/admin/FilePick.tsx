// FilePick is a button that lets one choose a file.
import { useRef } from "preact/hooks";
import { Button } from "../../ui/Controls.tsx";

interface Props {
  readonly label: string;
  readonly accept: string;
  readonly onPick: (file: File) => void;
}

export function FilePick({ label, accept, onPick }: Props) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <div>
      <Button onClick={() => input.current?.click()}>{label}</Button>
      <input
        ref={input}
        type="file"
        accept={accept}
        hidden
        onChange={(e) => {
          const file = e.currentTarget.files?.[0];
          if (file) onPick(file);
          e.currentTarget.value = "";
        }}
      />
    </div>
  );
}
