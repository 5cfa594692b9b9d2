// The actions of a message, as its menu offers them.
import type { Bubble } from "../state/app.ts";
import { say } from "../text/say.ts";
import type { Choice } from "../ui/Menu.tsx";
import { later } from "./later.ts";
import { sheet } from "./place.ts";
import type { Talk } from "./talk.ts";

export function choices(talk: Talk, b: Bubble): readonly Choice[] {
  const { app, model } = talk;
  const m = b.message;
  if (b.state === "pending" || m.cancelled) return [];
  const copy: Choice = {
    label: say("view.message.copy"),
    icon: "copy",
    act: () => void navigator.clipboard?.writeText(m.body || (m.file?.name ?? "")),
  };
  if (b.state === "failed") {
    return [
      { label: say("view.message.resend"), icon: "rotate-cw", act: () => app.resend(model.id, m.id) },
      copy,
      { label: say("view.message.discard"), icon: "trash", danger: true, act: () => app.discard(model.id, m.id) },
    ];
  }
  const out: Choice[] = [{ label: say("view.message.reply"), icon: "corner-up-left", act: () => talk.reply(m) }, copy];
  const f = m.file;
  if (f && !f.gone) out.push({ label: say("view.file.save"), icon: "download", act: () => later.value?.save(app, f) });
  if (b.mine && f?.until && !f.gone) {
    out.push({ label: say("view.file.extend"), icon: "clock", act: () => void app.extendFile(model.id, m.id) });
  }
  if (b.mine) {
    out.push({
      label: say("view.message.cancel"),
      icon: "undo-2",
      danger: true,
      act: () => {
        sheet.value = { kind: "cancel", room: model.id, message: m.id };
      },
    });
  } else if (m.type !== "leave") {
    out.push({
      label: say("view.why.ask"),
      icon: "circle-alert",
      act: () => {
        sheet.value = { kind: "why", room: model.id, seq: m.seq };
      },
    });
  }
  return out;
}
