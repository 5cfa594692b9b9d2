// The files that somebody has chosen for a room and not sent yet. It knows where files come from: button, clipboard, drop.
import { signal } from "@preact/signals";
import type { RoomID } from "../gen/protocol.ts";
import { say } from "../text/say.ts";
import { fetchLater } from "./later.ts";
import { note } from "./place.ts";

const none: readonly File[] = [];
const chosen = signal<ReadonlyMap<RoomID, readonly File[]>>(new Map());

export const chosenFor = (room: RoomID): readonly File[] => chosen.value.get(room) ?? none;

export function choose(room: RoomID, files: readonly File[]): void {
  if (files.length === 0) return;
  fetchLater();
  const all = [...(chosen.peek().get(room) ?? none), ...files];
  if (all.length > most) note(say("view.file.many", { n: most }));
  put(room, all.slice(0, most));
}

export const most = 30; // in one go

export function unchoose(room: RoomID, file?: File): void {
  put(room, file ? (chosen.peek().get(room) ?? none).filter((f) => f !== file) : none);
}

function put(room: RoomID, files: readonly File[]): void {
  const next = new Map(chosen.peek());
  if (files.length) next.set(room, files);
  else next.delete(room);
  chosen.value = next;
}

export function pick(room: RoomID): void {
  const input = document.createElement("input");
  input.type = "file";
  input.multiple = true;
  input.onchange = () => choose(room, [...(input.files ?? [])]);
  input.click();
}

// pasted takes files out of the clipboard; true: there was nothing else in it to paste.
export function pasted(room: RoomID, data: DataTransfer | null): boolean {
  const files = [...(data?.files ?? [])];
  if (files.length > 0 && !data?.types.includes("text/plain")) {
    choose(room, files.map(named));
    return true;
  }
  // WebKitGTK shows a paste of a picture as empty, but gives it to whoever asks during the paste.
  if (data?.types.length === 0 && "clipboard" in navigator) void fromClipboard(room);
  return false;
}

async function fromClipboard(room: RoomID): Promise<void> {
  try {
    for (const item of await navigator.clipboard.read()) {
      const type = item.types.find((t) => t.startsWith("image/"));
      if (type) choose(room, [named(new File([await item.getType(type)], "image.png", { type }))]);
    }
  } catch {
    // Not allowed, or nothing there: as if nothing had been pasted.
  }
}

// Pictures from the clipboard are all called image.png; the time tells them apart, also where somebody saves them.
function named(file: File): File {
  if (!/^image\.\w+$/.test(file.name)) return file;
  const at = new Date();
  const two = (n: number) => String(n).padStart(2, "0");
  const day = `${at.getFullYear()}${two(at.getMonth() + 1)}${two(at.getDate())}`;
  const time = `${two(at.getHours())}${two(at.getMinutes())}${two(at.getSeconds())}`;
  return new File([file], file.name.replace("image", `sendjay_${day}_${time}`), { type: file.type });
}
