// Versions is which versions of the desktop are here and to whom they are offered: by channel, to some first, then to all.
import { useCallback, useEffect, useState } from "preact/hooks";
import type { ErrorCode, Fault, OrgPage, UpdateOffer, UpdatesPage, UpdateVersion, UserID } from "../../gen/protocol.ts";
import type { App } from "../../state/app.ts";
import { say, sayError } from "../../text/say.ts";
import { Button, Field } from "../../ui/Controls.tsx";
import { Dialog } from "../../ui/Dialog.tsx";
import { Awaited } from "../Awaited.tsx";
import { Pages } from "../Pages.tsx";
import { Sure } from "../Sure.tsx";
import { useNewest } from "../useNewest.ts";
import css from "./admin.module.css";
import { bring } from "./bring.ts";
import { FilePick } from "./FilePick.tsx";
import { UnitPick } from "./UnitPick.tsx";

const page = 20;
const wrongs = ["signature", "files", "archive", "key", "version", "busy", "percent"] as const;

type Names = ReadonlyMap<string, string>;

// useUnits knows the units by their codes.
function useUnits(app: App): Names {
  const [names, set] = useState<Names>(new Map());
  useEffect(() => {
    void app.http
      .get<OrgPage>("org?all=1")
      .then((a) => a.data && set(new Map(a.data.units.map((u) => [u.code, u.name]))));
  }, [app]);
  return names;
}

// sayFault names what is wrong with a release; other refusals have their usual sentence.
function sayFault(f: Fault): string {
  const field = wrongs.find((w) => w === f.field);
  return field ? say(`admin.versions.bad.${field}`) : sayError(f.code);
}

export function Versions({ app, edits }: { readonly app: App; readonly edits: boolean }) {
  const [all, set] = useState<UpdatesPage | null>(null);
  const [error, setError] = useState<string | null>(null);
  const [from, setFrom] = useState(0);
  const [told, tell] = useState("");
  const [open, setOpen] = useState<UpdateOffer | null>(null);
  const [back, setBack] = useState<string | null>(null);
  const newest = useNewest();
  const load = useCallback(async () => {
    const a = await newest(app.http.get<UpdatesPage>("admin/updates"));
    if (!a) return;
    setError(a.error ? sayError(a.error.code) : null);
    if (a.data) set(a.data);
  }, [app, newest]);
  useEffect(() => void load(), [load]);
  const units = useUnits(app);
  if (!all) return <Awaited error={error} again={() => void load()} />;
  const shown = all.versions.slice(from, from + page);
  const withdraw = async (): Promise<ErrorCode | null> => {
    const a = await app.http.drop<UpdatesPage>(`admin/updates/${encodeURIComponent(back ?? "")}`);
    if (!a.data) return a.error.code;
    set(a.data);
    tell(say("admin.versions.withdrawn", { version: back ?? "" }));
    return null;
  };
  return (
    <div class={css.form}>
      <p class={css.soft}>{say("admin.versions.about")}</p>
      {!all.signs && <p class={css.error}>{say("admin.versions.noKey")}</p>}
      {edits && all.signs && (
        <Bring
          app={app}
          done={(to) => {
            const known = new Set(all.versions.map((v) => v.version));
            set(to);
            setFrom(0);
            tell(
              say("admin.versions.taken", { version: to.versions.find((v) => !known.has(v.version))?.version ?? "" }),
            );
          }}
        />
      )}
      <p role="status">{told}</p>
      {all.versions.length === 0 ? (
        <p class={css.empty}>{say("admin.versions.none")}</p>
      ) : (
        <ul class={css.devices}>
          {shown.map((v) => (
            <Row
              key={v.version}
              of={v}
              offers={all.offers.filter((o) => o.version === v.version)}
              edits={edits}
              units={units}
              offer={(o) => {
                tell("");
                setOpen(o);
              }}
              withdraw={() => setBack(v.version)}
            />
          ))}
        </ul>
      )}
      {all.versions.length > page && (
        <Pages from={from} shown={shown.length} of={all.versions.length} page={page} go={setFrom} />
      )}
      {open && (
        <OfferSheet
          app={app}
          of={open}
          units={units}
          channels={all.channels}
          close={() => setOpen(null)}
          done={(to) => {
            set(to);
            tell(say("admin.versions.offered", { version: open.version }));
            setOpen(null);
          }}
        />
      )}
      {back && (
        <Sure
          title="admin.versions.sure"
          about="admin.versions.sure.about"
          args={{ version: back }}
          go="admin.versions.withdraw"
          act={withdraw}
          close={() => setBack(null)}
        />
      )}
    </div>
  );
}

interface RowProps {
  readonly of: UpdateVersion;
  readonly offers: readonly UpdateOffer[];
  readonly edits: boolean;
  readonly units: Names;
  readonly offer: (o: UpdateOffer) => void;
  readonly withdraw: () => void;
}

function Row({ of, offers, edits, units, offer, withdraw }: RowProps) {
  return (
    <li data-version={of.version}>
      <div>
        <b>{of.version}</b>
        <p class={css.soft}>
          {of.bad
            ? say("admin.versions.spoilt")
            : [...of.platforms, `${Math.max(1, Math.round(of.bytes / 2 ** 20)).toLocaleString()} MB`].join(" · ")}
        </p>
        {offers.map((o) => (
          <p key={o.channel}>{toWhom(o, units)}</p>
        ))}
        {offers.length === 0 && !of.bad && <p class={css.soft}>{say("admin.versions.nobody")}</p>}
      </div>
      {edits && (
        <span class={css.acts}>
          {!of.bad && (
            <Button onClick={() => offer(offers[0] ?? { version: of.version, channel: "stable", percent: 100 })}>
              {say(offers.length > 0 ? "admin.versions.change" : "admin.versions.offer")}
            </Button>
          )}
          {offers.length > 0 && <Button onClick={withdraw}>{say("admin.versions.withdraw")}</Button>}
        </span>
      )}
    </li>
  );
}

// toWhom puts an offer into words: the channel, and who on it.
function toWhom(o: UpdateOffer, units: Names): string {
  const who = [
    o.percent >= 100 ? say("admin.versions.everybody") : o.percent > 0 && say("admin.versions.share", { n: o.percent }),
    o.orgs &&
      o.orgs.length > 0 &&
      say("admin.versions.units", { names: o.orgs.map((c) => units.get(c) ?? c).join(", ") }),
    o.users && o.users.length > 0 && say("admin.versions.people", { names: o.users.join(", ") }),
  ];
  return `${channelName(o.channel)}: ${who.filter(Boolean).join(" · ")}`;
}

const channelName = (c: string): string =>
  c === "stable" || c === "early" || c === "lts" ? say(`admin.versions.channel.${c}`) : c;

// Bring takes a version in. It tells how far it has come, and can be stopped.
function Bring({ app, done }: { readonly app: App; readonly done: (to: UpdatesPage) => void }) {
  const [part, setPart] = useState<number | null>(null);
  const [stop, setStop] = useState<AbortController | null>(null);
  const [error, setError] = useState<string | null>(null);
  useEffect(() => () => stop?.abort(), [stop]);
  const go = async (file: File) => {
    const control = new AbortController();
    setError(null);
    setPart(0);
    setStop(control);
    await app.http.get("me"); // the sign-in is fresh for what may take its time
    const a = await bring<UpdatesPage>("admin/updates/upload", file, setPart, control.signal);
    setPart(null);
    setStop(null);
    if (a.data) done(a.data);
    else setError(control.signal.aborted ? say("admin.versions.stopped") : sayFault(a.error));
  };
  if (part !== null)
    return (
      <div class={css.tools}>
        <progress aria-label={say("admin.versions.bring")} value={part} max={1} />
        <span class={css.soft}>{part < 1 ? `${Math.floor(part * 100)} %` : say("admin.versions.proving")}</span>
        <Button onClick={() => stop?.abort()}>{say("admin.versions.stop")}</Button>
      </div>
    );
  return (
    <>
      <FilePick label={say("admin.versions.bring")} accept=".zip,application/zip" onPick={(file) => void go(file)} />
      <p class={css.soft}>{say("admin.versions.bring.about")}</p>
      {error && (
        <p role="alert" class={css.error}>
          {error}
        </p>
      )}
    </>
  );
}

interface OfferProps {
  readonly app: App;
  readonly units: Names;
  readonly of: UpdateOffer;
  readonly channels: readonly string[];
  readonly close: () => void;
  readonly done: (to: UpdatesPage) => void;
}

const split = (text: string): readonly string[] => text.split(/[\s,]+/).filter(Boolean);

function OfferSheet({ app, of, units, channels, close, done }: OfferProps) {
  const [channel, setChannel] = useState(of.channel);
  const [percent, setPercent] = useState(String(of.percent));
  const [orgs, setOrgs] = useState<readonly string[]>(of.orgs ?? []);
  const [users, setUsers] = useState((of.users ?? []).join(", "));
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const n = Number(percent);
  const good = percent.trim() !== "" && Number.isInteger(n) && n >= 0 && n <= 100;
  const somebody = n > 0 || orgs.length > 0 || split(users).length > 0;
  const go = async () => {
    setBusy(true);
    const a = await app.http.put<UpdatesPage>(`admin/updates/${encodeURIComponent(of.version)}`, {
      version: of.version,
      channel,
      percent: n,
      orgs,
      users: split(users) as readonly UserID[],
    } satisfies UpdateOffer);
    setBusy(false);
    if (a.data) done(a.data);
    else setError(sayFault(a.error));
  };
  return (
    <Dialog
      title={say("admin.versions.sheet", { version: of.version })}
      close={close}
      foot={
        <>
          <Button onClick={close}>{say("view.no")}</Button>
          <Button kind="primary" disabled={!good || !somebody} busy={busy} onClick={() => void go()}>
            {say("admin.versions.offer")}
          </Button>
        </>
      }
    >
      <div class={css.form}>
        <label class={css.pick}>
          {say("admin.versions.channel")}
          <select value={channel} onChange={(e) => setChannel(e.currentTarget.value)}>
            {channels.map((c) => (
              <option key={c} value={c}>
                {channelName(c)}
              </option>
            ))}
          </select>
        </label>
        <label class={css.pick}>
          {say("admin.versions.percent")}
          <input
            type="number"
            min={0}
            max={100}
            value={percent}
            aria-invalid={!good}
            onInput={(e) => setPercent(e.currentTarget.value)}
          />
        </label>
        <p class={css.soft}>{say("admin.versions.percent.about")}</p>
        <UnitPick
          app={app}
          label={say("admin.versions.also.units")}
          value=""
          none={say("admin.versions.also.pick")}
          onPick={(code) => code && !orgs.includes(code) && setOrgs([...orgs, code])}
        />
        {orgs.length > 0 && (
          <p class={css.acts}>
            {orgs.map((code) => (
              <Button key={code} onClick={() => setOrgs(orgs.filter((x) => x !== code))}>
                {say("admin.versions.also.drop", { name: units.get(code) ?? code })}
              </Button>
            ))}
          </p>
        )}
        <Field
          label={say("admin.versions.also.people")}
          value={users}
          onInput={(e) => setUsers(e.currentTarget.value)}
          hint={say("admin.versions.also.people.about")}
        />
        {!somebody && <p class={css.error}>{say("admin.versions.bad.percent")}</p>}
        {error && (
          <p role="alert" class={css.error}>
            {error}
          </p>
        )}
      </div>
    </Dialog>
  );
}
