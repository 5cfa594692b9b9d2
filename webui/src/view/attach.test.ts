import { expect, test, vi } from "vitest";
import type { RoomID } from "../gen/protocol.ts";
import { choose, chosenFor, most, pasted, unchoose } from "./attach.ts";
import { note } from "./place.ts";

vi.mock("./later.ts", () => ({ fetchLater: () => {} }));
vi.mock("./place.ts", () => ({ note: vi.fn() }));

const file = (name: string): File => new File(["x"], name, { type: "image/png" });
const clip = (files: readonly File[], types: readonly string[] = ["Files"]) =>
  ({ files, types }) as unknown as DataTransfer;
const names = (room: RoomID) => chosenFor(room).map((f) => f.name);

test("a picture without a name of its own is saved as sendjay and the time", () => {
  const room = "paste" as RoomID;
  expect(pasted(room, clip([file("image.png")]))).toBe(true);
  expect(names(room)).toEqual([expect.stringMatching(/^sendjay_\d{8}_\d{6}\.png$/)]);
});
test("a file from a file manager keeps its name", () => {
  const room = "files" as RoomID;
  expect(pasted(room, clip([file("현장.png"), file("images.png")]))).toBe(true);
  expect(names(room)).toEqual(["현장.png", "images.png"]);
});
test("cells of a table are pasted as text, though a picture of them comes too", () => {
  const room = "table" as RoomID;
  expect(pasted(room, clip([file("image.png")], ["text/plain", "text/html", "Files"]))).toBe(false);
  expect(names(room)).toEqual([]);
});
test("too many at once are cut off, and it is said", () => {
  const room = "many" as RoomID;
  choose(
    room,
    Array.from({ length: most + 1 }, (_, i) => file(`${i}.png`)),
  );
  expect(names(room)).toHaveLength(most);
  expect(note).toHaveBeenCalledWith(expect.stringContaining(String(most)));
  unchoose(room);
  expect(names(room)).toEqual([]);
});
