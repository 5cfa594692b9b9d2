import { expect, test } from "vitest";
import { EnterKey, type KeyLike, shortcut } from "./keys.ts";

const key = (over: Partial<KeyLike> = {}): KeyLike => ({
  key: "Enter",
  code: "Enter",
  keyCode: 13,
  isComposing: false,
  shiftKey: false,
  ctrlKey: false,
  altKey: false,
  metaKey: false,
  repeat: false,
  ...over,
});
const ime = (over: Partial<KeyLike> = {}) => key({ keyCode: 229, isComposing: true, ...over });

// Each step is what one engine says for "type 안, press Enter"; the sequences are written down from these engines.
type Step = (k: EnterKey) => unknown;
const compose =
  (text: string): Step =>
  (k) => {
    k.compositionstart();
    k.compositionupdate(text);
  };
const end =
  (text: string): Step =>
  (k) =>
    k.compositionend(text);
const down =
  (e: KeyLike): Step =>
  (k) =>
    k.keydown(e);
const up: Step = (k) => k.keyup(key());

async function sends(...steps: Step[]): Promise<number> {
  let n = 0;
  const k = new EnterKey(() => n++);
  for (const s of steps) {
    s(k);
    await Promise.resolve();
  }
  return n;
}

test("Enter without an input method sends once", async () => {
  expect(await sends(down(key()), up)).toBe(1);
});
test("Enter held down sends once", async () => {
  expect(await sends(down(key()), down(key({ repeat: true })), down(key({ repeat: true })), up)).toBe(1);
});
test("Chromium on macOS says Enter twice for one press in a syllable and sends once", async () => {
  expect(await sends(compose("안"), down(ime()), end("안"), down(key()), up)).toBe(1);
});
test("Chromium on Windows says Process and sends once", async () => {
  expect(await sends(compose("안"), down(ime({ key: "Process" })), end("안"), up)).toBe(1);
});
test("ibus ends the syllable before Enter and sends once", async () => {
  expect(await sends(compose("안"), end("안"), down(key()), up)).toBe(1);
});
test("Safari says 229 after the composition ended and sends once", async () => {
  expect(await sends(compose("안"), end("안"), down(key({ keyCode: 229 })), up)).toBe(1);
});
test("an Enter that chooses a kanji does not send, on Chromium and on Safari", async () => {
  expect(await sends(compose("にほん"), down(ime()), end("日本"), up)).toBe(0);
  expect(await sends(compose("にほん"), end("日本"), down(key({ keyCode: 229 })), up)).toBe(0);
});
test("an Enter that chooses a Hanja does not send, the next one does", async () => {
  expect(await sends(compose("한"), down(ime()), end("韓"), up)).toBe(0);
  expect(await sends(compose("한"), down(ime()), end("韓"), up, down(key()), up)).toBe(1);
});
test("two presses send twice", async () => {
  expect(await sends(down(key()), up, compose("네"), down(ime()), end("네"), down(key()), up)).toBe(2);
});
test("Shift+Enter is a new line, also in a syllable", async () => {
  expect(await sends(down(key({ shiftKey: true })), up)).toBe(0);
  expect(await sends(compose("안"), down(ime({ shiftKey: true })), end("안"), down(key({ shiftKey: true })), up)).toBe(
    0,
  );
});
test("the line break that follows an Enter already dealt with is not written", () => {
  const k = new EnterKey(() => {});
  k.keydown(key());
  expect(k.beforeinput("insertLineBreak")).toBe(true);
  k.keyup(key());
  expect(k.beforeinput("insertLineBreak")).toBe(false);
});
test("a composition that goes on after Enter went up is not sent later", async () => {
  expect(await sends(compose("안"), down(ime()), up, end("안"))).toBe(0);
});
test("shortcuts are not taken from an input method or from a text box", () => {
  expect(shortcut(key({ key: "k", code: "KeyK", ctrlKey: true }), true)).toBe("jump");
  expect(shortcut(key({ key: "ㅏ", code: "KeyK", ctrlKey: true }), true)).toBe("jump");
  expect(shortcut(ime({ key: "F6", code: "F6" }), true)).toBe(null);
  expect(shortcut(key({ key: "?", code: "Slash", shiftKey: true }), true)).toBe(null);
  expect(shortcut(key({ key: "?", code: "Slash", shiftKey: true }), false)).toBe("keys");
});
