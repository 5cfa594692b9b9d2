// ChosenBar stands in the place of the box while messages are being chosen: how many, and what can be done with them.
import type { Message } from "../gen/protocol.ts";
import type { App, RoomModel } from "../state/app.ts";
import { say } from "../text/say.ts";
import { Button, IconButton } from "../ui/Controls.tsx";
import type { IconName } from "../ui/Icon.tsx";
import { mayReply } from "./choices.ts";
import { copy } from "./copy.ts";
import { choosing, sheet, width } from "./place.ts";
import css from "./talkbars.module.css";

export function toggleChosen(m: Message): void {
  const c = choosing.peek();
  if (!c || c.room !== m.room) return;
  const there = c.messages.some((x) => x.id === m.id);
  const messages = there ? c.messages.filter((x) => x.id !== m.id) : [...c.messages, m];
  choosing.value = { ...c, messages: messages.sort((a, b) => a.seq - b.seq) };
}

export function ChosenBar({ app, model }: { readonly app: App; readonly model: RoomModel }) {
  const all = choosing.value?.messages ?? [];
  const room = model.id;
  const open = all.filter((m) => !m.cancelled);
  const passed = open.filter(mayReply); // what can still be looked at
  const one = open.length === 1 && all.length === 1 ? open[0] : undefined;
  const mine = one && one.sender === app.me.value?.id && Date.now() - Date.parse(one.at) < app.windows.value.cancel;
  const end = (): void => {
    choosing.value = null;
  };
  return (
    <div class={css.select} role="toolbar" aria-label={say("view.pick")}>
      <IconButton icon="x" label={say("view.select.end")} onClick={end} />
      <span class={css.count} role="status">
        {say("view.select.count", { n: all.length })}
      </span>
      <span class={css.grow} />
      {one && (
        <Act icon="copy" label={say("view.message.copy")} onClick={() => copy(one.body || (one.file?.name ?? ""))} />
      )}
      {mine && one && (
        <Act
          icon="undo-2"
          label={say("view.message.cancel")}
          onClick={() => {
            sheet.value = { kind: "cancel", room, message: one.id };
          }}
        />
      )}
      {app.windows.value.transcripts && (
        <Act
          icon="download"
          label={say("view.transcript.save")}
          disabled={all.length === 0}
          onClick={() => {
            sheet.value = { kind: "transcript", room, messages: all };
          }}
        />
      )}
      <Act
        icon="forward"
        label={say("view.message.forward")}
        disabled={passed.length === 0}
        onClick={() => {
          sheet.value = { kind: "forward", room, messages: passed };
        }}
      />
      <Act
        icon="trash"
        label={say("view.message.hide")}
        danger
        disabled={all.length === 0}
        onClick={() => {
          sheet.value = { kind: "hide", room, messages: all };
        }}
      />
    </div>
  );
}

interface ActProps {
  readonly icon: IconName;
  readonly label: string;
  readonly danger?: boolean;
  readonly disabled?: boolean;
  readonly onClick: () => void;
}

// Act is a word where there is room for words, else its picture.
function Act({ icon, label, danger, disabled = false, onClick }: ActProps) {
  if (width.value === "narrow") return <IconButton icon={icon} label={label} disabled={disabled} onClick={onClick} />;
  return (
    <Button kind={danger ? "danger" : "plain"} disabled={disabled} onClick={onClick}>
      {label}
    </Button>
  );
}
