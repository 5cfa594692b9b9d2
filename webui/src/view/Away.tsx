// Away is the pill of somebody who is absent today: why, and until when.
import type { Absence } from "../gen/protocol.ts";
import { say } from "../text/say.ts";
import css from "./away.module.css";
import { today } from "./when.ts";

// isAway: the absence has begun. The server leaves out those that are over.
export function isAway(a: Absence | undefined): a is Absence {
  return a !== undefined && (!a.from || a.from <= dayOf(today.value)) && (!a.to || a.to >= dayOf(today.value));
}

// until is "10.12": the last day, as people here write it.
export const until = (a: Absence): string => (a.to ? `${Number(a.to.slice(5, 7))}.${Number(a.to.slice(8, 10))}` : "");

export function awayText(a: Absence): string {
  return a.to ? say("view.away.until", { what: a.name, day: until(a) }) : a.name;
}

export function Away({ absence }: { readonly absence: Absence | undefined }) {
  return isAway(absence) ? <span class={css.away}>{awayText(absence)}</span> : null;
}

function dayOf(ms: number): string {
  const d = new Date(ms);
  const two = (n: number) => String(n).padStart(2, "0");
  return `${d.getFullYear()}-${two(d.getMonth() + 1)}-${two(d.getDate())}`;
}
