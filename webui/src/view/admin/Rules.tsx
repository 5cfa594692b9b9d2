// The short parts of administration: the rules for passwords, how the server is.
import { useCallback, useEffect, useState } from "preact/hooks";
import type { ErrorCode, Health as How, Policy } from "../../gen/protocol.ts";
import type { App } from "../../state/app.ts";
import { say, sayError } from "../../text/say.ts";
import { Button } from "../../ui/Controls.tsx";
import { Awaited } from "../Awaited.tsx";
import { sizeOf } from "../files/facts.ts";
import css from "./admin.module.css";

export function PolicyForm({ app }: { readonly app: App }) {
  const [p, set] = useState<Policy | null>(null);
  const [saved, setSaved] = useState(false);
  const [error, setError] = useState<ErrorCode | null>(null);
  const load = useCallback(async () => {
    const a = await app.http.get<Policy>("admin/policy");
    setError(a.error?.code ?? null);
    if (a.data) set(a.data);
  }, [app]);
  useEffect(() => void load(), [load]);
  if (!p) return <Awaited error={error && sayError(error)} again={() => void load()} />;
  const number = (key: "passwordLeast" | "lockAfter", least: number, most: number) => (
    <label class={css.pick}>
      {say(`admin.policy.${key}`)}
      <input
        type="number"
        min={least}
        max={most}
        value={p[key]}
        onInput={(e) => {
          set({ ...p, [key]: Number(e.currentTarget.value) });
          setSaved(false);
        }}
      />
    </label>
  );
  const check = (key: "passwordMixed" | "factorStaff") => (
    <label class={css.check}>
      <input
        type="checkbox"
        checked={p[key]}
        onChange={(e) => {
          set({ ...p, [key]: e.currentTarget.checked });
          setSaved(false);
        }}
      />
      {say(`admin.policy.${key}`)}
    </label>
  );
  return (
    <form
      class={css.form}
      onSubmit={async (e) => {
        e.preventDefault();
        const a = await app.http.put<Policy>("admin/policy", p);
        setError(a.error?.code ?? null);
        setSaved(!a.error);
      }}
    >
      {number("passwordLeast", 8, 64)}
      {check("passwordMixed")}
      {number("lockAfter", 0, 100)}
      {check("factorStaff")}
      {error && (
        <p role="alert" class={css.error}>
          {error === "conflict" ? say("admin.policy.factorFirst") : sayError(error)}
        </p>
      )}
      <Button type="submit" kind="primary">
        {say(saved ? "view.profile.saved" : "view.profile.save")}
      </Button>
    </form>
  );
}

// A disk is called full below this share of it, or below so many bytes: what a large upload takes.
const scarce = 0.05;
const least = 2 ** 30;

export function Health({ app }: { readonly app: App }) {
  const [h, set] = useState<How | null>(null);
  const [error, setError] = useState<ErrorCode | null>(null);
  const load = useCallback(async () => {
    const a = await app.http.get<How>("admin/health");
    setError(a.error?.code ?? null);
    if (a.data) set(a.data);
  }, [app]);
  useEffect(() => void load(), [load]);
  if (!h) return <Awaited error={error && sayError(error)} again={() => void load()} />;
  const time = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
  const full = h.disk > 0 && (h.free < h.disk * scarce || h.free < least);
  const facts: readonly (readonly [string, string, boolean])[] = [
    [
      say("admin.health.state"),
      h.missing.length ? h.missing.join(", ") : say("admin.health.fine"),
      h.missing.length > 0,
    ],
    [say("admin.health.version"), `${h.version} · ${h.node}`, false],
    [say("admin.health.since"), time.format(new Date(h.since)), false],
    [say("admin.health.sessions"), String(h.sessions), false],
    [say("admin.health.memory"), sizeOf(h.memory), false],
    [say("admin.health.database"), `${h.database} · ${sizeOf(h.stored)}`, false],
    [say("admin.health.files"), sizeOf(h.files), false],
    [
      say("admin.health.disk"),
      h.disk
        ? say(full ? "admin.health.full" : "admin.health.room", { free: sizeOf(h.free), all: sizeOf(h.disk) })
        : "–",
      full,
    ],
    [say("admin.health.people"), `${h.active} / ${h.people}`, false],
    [
      say("admin.health.audit"),
      h.broken ? say("admin.health.broken", { n: h.broken }) : say("admin.health.whole", { n: h.audit }),
      h.broken > 0,
    ],
  ];
  return (
    <>
      {error && (
        <p role="alert" class={css.error}>
          {sayError(error)}
        </p>
      )}
      <dl class={css.health}>
        {facts.map(([name, text, bad]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd class={bad ? css.error : undefined}>{text}</dd>
          </div>
        ))}
      </dl>
      <div class={css.acts}>
        <Button onClick={() => void load()}>{say("admin.health.now")}</Button>
      </div>
    </>
  );
}
