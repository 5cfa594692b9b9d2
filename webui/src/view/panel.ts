// Whether the panel of members stands beside a conversation. Where there is room enough it does, in a group, unless I
// have hidden it there; elsewhere it is opened when it is wanted.
import type { Room } from "../gen/protocol.ts";
import type { App } from "../state/app.ts";
import { finding, panel, roomy, width } from "./place.ts";
import { isGroup } from "./words.ts";

export function panelOpen(room: Room): boolean {
  if (!remembered(room)) return panel.value;
  return (roomy.value || panel.value) && !room.panelHidden;
}

export function togglePanel(app: App, room: Room): void {
  // A search stands in its place, and gives it back.
  const hide = finding.peek() === null && panelOpen(room);
  finding.value = null;
  if (!remembered(room)) {
    panel.value = !hide;
    return;
  }
  if (!hide) panel.value = true;
  if ((room.panelHidden ?? false) !== hide) void app.setMine(room.id, { panelHidden: hide });
}

function remembered(room: Room): boolean {
  return width.value === "wide" && isGroup(room);
}
