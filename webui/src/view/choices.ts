// The actions of a message, as its menu offers them: only those that would be carried out, and last what takes away.
import type { Message } from "../gen/protocol.ts";
import type { Bubble } from "../state/app.ts";
import { tooUrgent } from "../state/outgoing.ts";
import { say } from "../text/say.ts";
import type { Choice } from "../ui/Menu.tsx";
import { copy } from "./copy.ts";
import { copyPicture } from "./files/copypicture.ts";
import { gone, isPicture } from "./files/facts.ts";
import { later } from "./later.ts";
import { choosing, sheet } from "./place.ts";
import { showReact } from "./ReactPop.tsx";
import type { Talk } from "./talk.ts";

const age = (b: Bubble): number => Date.now() - Date.parse(b.message.at);

export const mayEdit = ({ app }: Talk, b: Bubble): boolean =>
  b.mine && b.state === "sent" && b.message.type === "talk" && !b.message.cancelled && age(b) < app.windows.peek().edit;

// mayReply: there is something to answer to, and it can be looked at.
export const mayReply = (m: Message): boolean => !m.cancelled && !(m.file && gone(m.file, Date.now()));

// mayPin: in a group the master pins, in a pair either one.
export function mayPin({ app, model }: Pick<Talk, "app" | "model">): boolean {
  const room = model.room.peek();
  return room !== undefined && (room.memberCount <= 2 || room.master === app.me.peek()?.id);
}

export function choices(talk: Talk, b: Bubble): readonly Choice[] {
  const { app, model } = talk;
  const m = b.message;
  const room = model.id;
  if (b.state === "pending") return [];
  const copied: Choice = {
    label: say("view.message.copy"),
    icon: "copy",
    // A picture without words is copied itself.
    act: () =>
      m.file && !m.body && isPicture(m.file) && !gone(m.file, Date.now())
        ? void copyPicture(m.file)
        : copy(m.body || (m.file?.name ?? "")),
  };
  if (b.state === "failed") {
    return [
      {
        label: say(tooUrgent({ ...m, ...b }) ? "view.message.resend.plain" : "view.message.resend"),
        icon: "rotate-cw",
        act: () => app.resend(room, m.id),
      },
      copied,
      { label: say("view.message.discard"), icon: "trash", danger: true, act: () => app.discard(room, m.id) },
    ];
  }
  const choose: Choice = {
    label: say("view.message.choose"),
    icon: "list-checks",
    act: () => {
      choosing.value = { room, messages: [m] };
    },
  };
  const hide: Choice = {
    label: say("view.message.hide"),
    icon: "trash",
    danger: true,
    apart: true,
    act: () => {
      sheet.value = { kind: "hide", room, messages: [m] };
    },
  };
  if (m.cancelled) return [choose, hide];
  const out: Choice[] = [
    ...(mayReply(m)
      ? [{ label: say("view.message.reply"), icon: "corner-up-left", act: () => talk.reply(m) } as const]
      : []),
    {
      label: say("view.message.react"),
      icon: "face-slightly-smiling-plus",
      act: () => showReact(element(m.id), talk, m),
    },
    // What can no longer be looked at is not passed on either: the server would refuse it.
    ...(mayReply(m)
      ? [
          {
            label: say("view.message.forward"),
            icon: "forward",
            act: () => {
              sheet.value = { kind: "forward", room, messages: [m] };
            },
          } as const,
        ]
      : []),
    copied,
    { label: say("view.message.copyLink"), icon: "link", act: () => copy(linkTo(room, m.id)) },
  ];
  const f = m.file;
  const over = f !== undefined && gone(f, Date.now());
  if (f && !over) out.push({ label: say("view.file.save"), icon: "download", act: () => later.value?.save(app, f) });
  if (b.mine && f?.until && !over) {
    out.push({ label: say("view.file.extend"), icon: "clock", act: () => void app.extendFile(model.id, m.id) });
  }
  if (mayEdit(talk, b)) out.push({ label: say("view.message.edit"), icon: "square-pen", act: () => talk.edit(m) });
  if (mayPin(talk)) {
    const pinned = model.room.peek()?.notice?.id === m.id;
    out.push({
      label: say(pinned ? "view.notice.down" : "view.notice.up"),
      icon: pinned ? "pin-off" : "pin",
      act: () => void app.acting.peek()?.pin(room, pinned ? null : m.id),
    });
  }
  out.push({
    label: say("view.readers"),
    icon: "eye",
    act: () => {
      sheet.value = { kind: "readers", room, message: m.id };
    },
  });
  out.push(choose);
  if (!b.mine && m.type !== "leave") {
    out.push({
      label: say("view.why.ask"),
      icon: "circle-alert",
      act: () => {
        sheet.value = { kind: "why", room: model.id, seq: m.seq };
      },
    });
  }
  out.push(hide);
  if (b.mine && age(b) < app.windows.peek().cancel) {
    out.push({
      label: say("view.message.cancel"),
      icon: "undo-2",
      danger: true,
      act: () => {
        sheet.value = { kind: "cancel", room, message: m.id };
      },
    });
  }
  return out;
}

// linkTo is the address that opens a room at a message.
export const linkTo = (room: string, id: string): string =>
  `${location.origin}${location.pathname}#/room/${encodeURIComponent(room)}/message/${encodeURIComponent(id)}`;

export const element = (id: string): HTMLElement =>
  document.querySelector<HTMLElement>(`[data-message="${CSS.escape(id)}"]`) ?? document.body;
