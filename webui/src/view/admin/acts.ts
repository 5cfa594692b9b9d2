// What the log of acts says, in the reader's words: who, what, and the details.
import { type Key, say } from "../../text/say.ts";

const names = {
  "account.open": "admin.act.account.open",
  "account.edit": "admin.act.account.edit",
  "account.close": "admin.act.account.close",
  "account.reopen": "admin.act.account.reopen",
  "account.lock": "admin.act.account.lock",
  "account.unlock": "admin.act.account.unlock",
  "password.set": "admin.act.password.set",
  "password.first": "admin.act.password.first",
  "password.reset": "admin.act.password.reset",
  "device.end": "admin.act.device.end",
  "factor.on": "admin.act.factor.on",
  "factor.off": "admin.act.factor.off",
  "factor.codes": "admin.act.factor.codes",
  "factor.drop": "admin.act.factor.drop",
  "factor.recovery": "admin.act.factor.recovery",
  policy: "admin.act.policy",
  announce: "admin.act.announce",
  "update.take": "admin.act.update.take",
  "update.offer": "admin.act.update.offer",
  "update.withdraw": "admin.act.update.withdraw",
  holidays: "admin.act.holidays",
  limits: "admin.act.limits",
  "messages.retire": "admin.act.messages.retire",
  "room.save": "admin.act.room.save",
  "org.add": "admin.act.org.add",
  "org.edit": "admin.act.org.edit",
  "org.remove": "admin.act.org.remove",
  "feed.put": "admin.act.feed.put",
  "feed.apply": "admin.act.feed.apply",
  "feed.undo": "admin.act.feed.undo",
  "feed.drop": "admin.act.feed.drop",
  "feed.key": "admin.act.feed.key",
  "feed.unkey": "admin.act.feed.unkey",
  "feed.run": "admin.act.feed.run",
  "feed.schedule": "admin.act.feed.schedule",
} as const satisfies Readonly<Record<string, Key>>;

// kinds are what the log can be narrowed to, by how the act begins.
export const kinds = [
  ["", "admin.acts.all"],
  ["account.", "admin.acts.account"],
  ["password.", "admin.acts.password"],
  ["device.", "admin.acts.device"],
  ["factor.", "admin.acts.factor"],
  ["policy", "admin.acts.policy"],
  ["limits", "admin.acts.limits"],
  ["org.", "admin.acts.org"],
  ["feed.", "admin.acts.feed"],
  ["announce", "admin.acts.announce"],
  ["holidays", "admin.acts.holidays"],
  ["update.", "admin.acts.update"],
  ["messages.", "admin.acts.messages"],
  ["room.", "admin.acts.room"],
] as const satisfies readonly (readonly [string, Key])[];

export const sayAct = (act: string): string => (act in names ? say(names[act as keyof typeof names]) : act);

// sayWho names whoever is no person: a key of a system, the command line, the clock, the server itself.
export function sayWho(who: string): string {
  if (who.startsWith("feed:")) return say("admin.by.key", { name: who.slice("feed:".length) });
  if (who === "cli" || who.startsWith("cli:")) return say("admin.by.cli", { name: who.slice("cli:".length) || "?" });
  if (who === "schedule") return say("admin.by.schedule");
  return who === "server" ? say("admin.by.server") : who;
}

// parts are what details are called; what is not among them keeps the name it was written down under.
const parts = [
  "units",
  "orgs",
  "users",
  "people",
  "join",
  "leave",
  "moved",
  "renamed",
  "changed",
  "manual",
  "spared",
  "leaving",
  "guarded",
  "first",
  "last",
  "name",
  "role",
  "org",
  "job",
  "phone",
  "posts",
  "mail",
  "active",
  "code",
  "under",
  "text",
  "english",
  "until",
  "on",
  "at",
  "zone",
  "from",
  "plan",
  "error",
  "passwordLeast",
  "passwordMixed",
  "lockAfter",
  "factorStaff",
  "admin",
] as const;

// details turns what was written as JSON into a line, in the reader's words.
export function details(about: string): string {
  if (!about.startsWith("{")) return about;
  try {
    return told(JSON.parse(about) as Readonly<Record<string, unknown>>);
  } catch {
    return about;
  }
}

// told leaves out what says nothing; a no says something where it was asked for, as in a changed account.
function told(about: Readonly<Record<string, unknown>>): string {
  return Object.entries(about)
    .filter(([k, v]) => v !== null && v !== "" && v !== 0 && (v !== false || k === "active"))
    .map(([k, v]) => {
      const name = parts.find((p) => p === k);
      return `${name ? say(`admin.about.${name}`) : k}: ${value(v)}`;
    })
    .join(" · ");
}

function value(v: unknown): string {
  if (typeof v === "boolean") return say(v ? "admin.about.yes" : "admin.about.no");
  if (typeof v === "number") return v.toLocaleString("en");
  if (Array.isArray(v)) return v.map(value).join(", ");
  if (typeof v !== "object" || v === null) return String(v);
  const { id, name } = v as { readonly id?: unknown; readonly name?: unknown };
  return typeof id === "string" && typeof name === "string"
    ? `${name} (${id})`
    : `(${told(v as Record<string, unknown>)})`;
}
