// Shell lays out the regions for every width: rail, list, conversation, panel. It knows where they stand, not what they show.
import { useEffect, useRef } from "preact/hooks";
import type { UserID } from "../gen/protocol.ts";
import { wish } from "../platform/windows.ts";
import type { App } from "../state/app.ts";
import { say } from "../text/say.ts";
import { pictureOf } from "../ui/Avatar.tsx";
import { Mark } from "../ui/Mark.tsx";
import { LinkBar } from "./LinkBar.tsx";
import { admin, fetchAdmin, fetchLater, later } from "./later.ts";
import { panelOpen } from "./panel.ts";
import { finding, heard, section, sheet, width } from "./place.ts";
import { Rail } from "./Rail.tsx";
import { Bones, RoomList } from "./RoomList.tsx";
import { RoomView } from "./RoomView.tsx";
import css from "./shell.module.css";
import { listenKeys } from "./shortcuts.ts";

export function Shell({ app }: { readonly app: App }) {
  const root = useRef<HTMLDivElement>(null);
  useEffect(() => (root.current ? listenKeys(app, root.current) : undefined), [app]);

  const wished = wish.value;
  useEffect(() => {
    if (wished) sheet.value = { kind: wished };
    wish.value = null;
  }, [wished]);
  const parts = later.value;
  const persons = app.persons.value;
  useEffect(() => {
    if (!persons) return;
    pictureOf.value = (id) => {
      const version = persons.of(id as UserID).value?.picture;
      return version && `api/v1/users/${encodeURIComponent(id)}/picture?v=${version}`;
    };
  }, [persons]);
  const wanted =
    section.value !== "chats" ||
    finding.value !== null ||
    sheet.value !== null ||
    app.lost.value !== null ||
    app.link.value.state === "replaced";
  const room = app.current.value;
  const single = width.value !== "wide" || app.alone !== null; // list or conversation
  const listWidth = Math.max(300, Math.min(360, app.settings.value.listWidth ?? 320));
  const showList = section.value !== "admin" && (!single || room === null);
  const showRoom = section.value !== "admin" && (!single || room !== null);
  const found = room !== null && finding.value?.room === room;
  useEffect(() => {
    if (finding.peek()?.room !== room) finding.value = null;
  }, [room]);
  const atDesk = section.value === "admin";
  const desk = atDesk ? admin.value : null;
  useEffect(() => {
    if (atDesk) fetchAdmin();
  }, [atDesk]);
  const showRail = !app.alone && (width.value !== "narrow" || room === null || atDesk);
  const here = room === null ? undefined : app.model(room).room.value;
  const showPanel = !atDesk && here !== undefined && !found && panelOpen(here);
  const needed = wanted || showPanel;
  useEffect(() => {
    if (needed) fetchLater();
  }, [needed]);

  return (
    <div class={css.page} ref={root}>
      <LinkBar app={app} />
      {parts && <parts.Announced app={app} />}
      <div class={css.shell} data-width={app.alone ? "narrow" : width.value} style={{ "--list": `${listWidth}px` }}>
        {showRail && <Rail app={app} />}
        {section.value === "admin" && (
          <main class={css.desk} aria-label={say("admin")} data-region tabIndex={-1}>
            {desk ? <desk.Admin app={app} /> : <Bones />}
          </main>
        )}
        {showList && (
          <section class={css.list} aria-label={say(names[section.value])} data-region tabIndex={-1}>
            {section.value === "chats" ? (
              <RoomList app={app} />
            ) : !parts ? (
              <Bones />
            ) : section.value === "people" ? (
              <parts.People app={app} />
            ) : (
              <parts.Search app={app} />
            )}
          </section>
        )}
        {!single && !atDesk && parts && (
          <parts.Resizer width={listWidth} onWidth={(w) => app.setSettings({ listWidth: w })} />
        )}
        {showRoom && (
          <main class={css.room} aria-label={say("view.conversation")} data-region tabIndex={-1}>
            {room === null ? <Nothing /> : <RoomView key={room} app={app} id={room} />}
          </main>
        )}
        {found && !atDesk && parts && <parts.Find key={room} app={app} id={room} overlay={single} />}
        {showPanel && room && parts && <parts.Members key={room} app={app} id={room} overlay={single} />}
      </div>
      {parts && <parts.Banner app={app} />}
      {parts && <parts.Sheets app={app} />}
      {parts && <parts.ReactPop />}
      {parts && <parts.Noted />}
      {parts && <parts.Viewer app={app} />}
      {parts && <parts.Veil app={app} />}
      {parts && <parts.Downloads app={app} />}
      {parts && <parts.LostSheet app={app} />}
      {parts && <parts.Replaced app={app} />}
      {parts && <parts.Menus />}
      <Heard />
    </div>
  );
}

const names = { admin: "admin", chats: "view.chats", people: "view.people", search: "view.search" } as const;

// Heard is what is read out; it is on its own, so that nothing else is drawn when that changes.
function Heard() {
  return (
    <div class="heard" role="status" aria-live="polite">
      {heard.value}
    </div>
  );
}

function Nothing() {
  return (
    <div class={css.nothing}>
      <Mark size={56} />
      <p>{say("view.nothing")}</p>
      <p class={css.soft}>{say("view.nothing.keys")}</p>
    </div>
  );
}
