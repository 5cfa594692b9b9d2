// Lines makes of a room's messages what stands on the screen: who begins a group, where a day begins, where the reader left off.
// It knows neither elements nor words.
import type { MessageType, Seq } from "../gen/protocol.ts";
import type { Bubble } from "../state/app.ts";
import { dayOf } from "./when.ts";

export interface Line {
  readonly key: string;
  readonly bubble: Bubble;
  readonly day: boolean; // a day begins here
  readonly marker: boolean; // "here you left off" stands above
  readonly first: boolean; // begins a group: picture and name
  readonly last: boolean; // ends a group: the time
}

export const isSystem = (t: MessageType): boolean => t === "invite" || t === "leave";

const minute = (b: Bubble) => b.message.at.slice(0, 16);

// together: one sender, one minute, one day, nothing between them. Messages that did not go out keep their own foot.
function together(a: Bubble, b: Bubble): boolean {
  return (
    a.message.sender === b.message.sender &&
    minute(a) === minute(b) &&
    a.state !== "failed" &&
    b.state !== "failed" &&
    !isSystem(a.message.type) &&
    !isSystem(b.message.type) &&
    dayOf(a.message) === dayOf(b.message)
  );
}

// A line keeps its identity while nothing about it changes, as its bubble does, so that only changed ones are drawn.
const drawn = new WeakMap<Bubble, Line>();

// lines: while older messages are still to come, the topmost one does not begin a day, so that nothing moves when they are there.
export function lines(bubbles: readonly Bubble[], marker: Seq | null, more: boolean): readonly Line[] {
  const out: Line[] = [];
  // The place where the reader left off may still lie above what is here.
  let marked = marker === null || (more && (bubbles[0]?.message.seq ?? 0) > marker);
  let joined = false; // with the one before
  for (let i = 0; i < bubbles.length; i++) {
    const b = bubbles[i] as Bubble;
    const before = bubbles[i - 1];
    const after = bubbles[i + 1];
    const mark = !marked && marker !== null && b.message.seq >= marker && !b.mine;
    if (mark) marked = true;
    const markNext = !marked && marker !== null && after !== undefined && after.message.seq >= marker && !after.mine;
    const joins = after !== undefined && !markNext && together(b, after);
    const day = before ? dayOf(before.message) !== dayOf(b.message) : !more;
    const old = drawn.get(b);
    if (old && old.day === day && old.marker === mark && old.first === !joined && old.last === !joins) out.push(old);
    else {
      const line = { key: b.key, bubble: b, day, marker: mark, first: !joined, last: !joins };
      drawn.set(b, line);
      out.push(line);
    }
    joined = joins;
  }
  return out;
}

// Up to three emoji alone are drawn large. \p{RGI_Emoji} would say this in a word, but takes a second to compile.
const picture = String.raw`(?:\p{Emoji_Presentation}|\p{Extended_Pictographic}(?=\uFE0F|\p{Emoji_Modifier}))\uFE0F?\p{Emoji_Modifier}?`;
const joined = String.raw`(?:\u200D\p{Extended_Pictographic}\uFE0F?\p{Emoji_Modifier}?)*`;
const emoji = new RegExp(String.raw`^(?:\p{Regional_Indicator}{2}|[0-9#*]\uFE0F\u20E3|${picture}${joined}){1,3}$`, "u");
export const onlyEmoji = (body: string): boolean => body.length <= 40 && emoji.test(body);
