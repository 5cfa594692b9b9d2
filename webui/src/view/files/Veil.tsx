// Veil takes what is dropped: onto a conversation, or onto a row of the list; and files that the window pastes. While something hangs over the page it
// says where it would go. Files are chosen there; a message that comes from another window is offered to be forwarded.
import { useEffect, useState } from "preact/hooks";
import type { MessageID, RoomID } from "../../gen/protocol.ts";
import type { App } from "../../state/app.ts";
import { say, sayError } from "../../text/say.ts";
import { Icon } from "../../ui/Icon.tsx";
import { choose, pick } from "../attach.ts";
import { mayReply } from "../choices.ts";
import { dragged, messageKind, note, sheet } from "../place.ts";
import css from "./veil.module.css";

interface Over {
  readonly room: RoomID;
  readonly box: DOMRect;
  readonly message?: boolean;
}

export function Veil({ app }: { readonly app: App }) {
  const [over, setOver] = useState<Over | null>(null);
  useEffect(() => {
    const target = (e: DragEvent): Over | null => {
      const at = e.target instanceof Element ? e.target : null;
      const row = at?.closest<HTMLElement>("[data-room]");
      if (row?.dataset.room) return { room: row.dataset.room as RoomID, box: row.getBoundingClientRect() };
      const room = app.current.peek();
      const main = at?.closest("main");
      return room && main ? { room, box: main.getBoundingClientRect() } : null;
    };
    const files = (e: DragEvent) => e.dataTransfer?.types.includes("Files") === true;
    // One of this window is between the conversation and the rows of the list.
    const message = (e: DragEvent) => !dragged.peek() && e.dataTransfer?.types.includes(messageKind) === true;
    // In the window of Linux files hang over the page as addresses, and come afterwards.
    let own = false; // what is dragged is the page's
    const addresses = (e: DragEvent) =>
      !own &&
      app.native.peek().includes("drop") &&
      e.dataTransfer?.types.includes("text/uri-list") === true &&
      !files(e);
    let waits: RoomID | null = null;
    const onStart = () => {
      own = true;
    };
    const onEnd = () => {
      own = false;
    };
    const onDropped = () => {
      const room = waits;
      waits = null;
      if (!room) return;
      pick(room);
      if (app.current.peek() !== room) app.open(room);
    };
    const onOver = (e: DragEvent) => {
      const foreign = message(e);
      if (!foreign && !files(e) && !addresses(e)) return;
      e.preventDefault(); // or the browser would leave the page and open the file
      const to = target(e);
      if (e.dataTransfer) e.dataTransfer.dropEffect = to ? "copy" : "none";
      setOver((was) => (was?.room === to?.room && same(was?.box, to?.box) ? was : to && { ...to, message: foreign }));
    };
    const onLeave = (e: DragEvent) => {
      if (e.relatedTarget === null) setOver(null);
    };
    const onDrop = (e: DragEvent) => {
      const foreign = message(e);
      const hidden = addresses(e);
      if (!foreign && !files(e) && !hidden) return;
      setOver(null);
      e.preventDefault();
      const link = hidden && e.dataTransfer?.getData("text/uri-list"); // of files the engine does not say it
      if (link) return type(e.target, link);
      const to = target(e);
      if (!to) return;
      if (hidden) {
        waits = to.room;
        return;
      }
      if (foreign) return void pass(app, e.dataTransfer?.getData(messageKind) ?? "", to.room);
      choose(to.room, wholeFiles(e.dataTransfer));
      if (app.current.peek() !== to.room) app.open(to.room);
    };
    const onFolder = () => note(say("view.file.folder"));
    // In the same window pasted files are not in the paste, but come afterwards, too.
    const onPasted = () => {
      const room = app.current.peek();
      const box = document.activeElement;
      if (room && box instanceof HTMLTextAreaElement && box.closest("main")) pick(room);
    };
    addEventListener("sendjay-pasted", onPasted);
    addEventListener("sendjay-folder", onFolder);
    addEventListener("dragstart", onStart);
    addEventListener("dragend", onEnd);
    addEventListener("sendjay-dropped", onDropped);
    addEventListener("dragover", onOver);
    addEventListener("dragleave", onLeave);
    addEventListener("drop", onDrop);
    return () => {
      removeEventListener("sendjay-pasted", onPasted);
      removeEventListener("sendjay-folder", onFolder);
      removeEventListener("dragstart", onStart);
      removeEventListener("dragend", onEnd);
      removeEventListener("sendjay-dropped", onDropped);
      removeEventListener("dragover", onOver);
      removeEventListener("dragleave", onLeave);
      removeEventListener("drop", onDrop);
    };
  }, [app]);
  if (!over) return null;
  const { box } = over;
  const large = box.height > 160;
  return (
    <div
      class={css.veil}
      style={{ left: `${box.left}px`, top: `${box.top}px`, width: `${box.width}px`, height: `${box.height}px` }}
    >
      <p>
        <Icon name={over.message ? "forward" : "upload"} size={large ? 28 : 18} />
        {say(over.message ? "view.forward.drop" : "view.file.drop")}
      </p>
    </div>
  );
}

const same = (a: DOMRect | undefined, b: DOMRect | undefined) =>
  a?.left === b?.left && a?.top === b?.top && a?.width === b?.width && a?.height === b?.height;

// type writes a link where it was dropped, as the engine would have done.
function type(at: EventTarget | null, link: string): void {
  if (!(at instanceof HTMLTextAreaElement)) return;
  at.setRangeText(link, at.selectionStart, at.selectionEnd, "end");
  at.dispatchEvent(new Event("input", { bubbles: true }));
}

// pass asks before it forwards. What was dropped is anybody's word: the message itself comes from the server.
async function pass(app: App, dropped: string, to: RoomID): Promise<void> {
  let from: unknown;
  let id: unknown;
  try {
    [from, id] = JSON.parse(dropped);
  } catch {
    return;
  }
  if (typeof from !== "string" || typeof id !== "string" || from === to) return;
  const m = await app.acting.peek()?.message(from as RoomID, id as MessageID);
  if (typeof m === "string") note(sayError(m));
  else if (m && mayReply(m)) sheet.value = { kind: "forward", room: m.room, messages: [m], to };
}

// Folders have no bytes of their own and are passed over, which is said.
function wholeFiles(data: DataTransfer | null): readonly File[] {
  const out: File[] = [];
  for (const item of data?.items ?? []) {
    if (item.kind !== "file") continue;
    if (item.webkitGetAsEntry?.()?.isDirectory) {
      note(say("view.file.folder"));
      continue;
    }
    const file = item.getAsFile();
    if (file) out.push(file);
  }
  return out;
}
