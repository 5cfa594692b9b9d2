// AccountSheet is one account: what it says, where it is signed in, and what can be done about it. What cannot be
// undone is asked about first.
import { useCallback, useEffect, useState } from "preact/hooks";
import type { Account, DevicesPage, ErrorCode, Fault, OneTime, SignedDevice } from "../../gen/protocol.ts";
import type { App } from "../../state/app.ts";
import { say } from "../../text/say.ts";
import { Button, Field } from "../../ui/Controls.tsx";
import { Dialog } from "../../ui/Dialog.tsx";
import { deviceOrders, nameOf, wordsOf } from "../devices.ts";
import { Sure } from "../Sure.tsx";
import { usePaged } from "../usePaged.tsx";
import { short } from "../when.ts";
import { Marks } from "./Accounts.tsx";
import css from "./admin.module.css";
import { OnceSheet, RolePick } from "./NewAccountSheet.tsx";
import { Posts } from "./Posts.tsx";
import { sayPlaced, UnitPick } from "./UnitPick.tsx";

interface Props {
  readonly app: App;
  readonly of: Account;
  readonly edits: boolean;
  readonly owner: boolean;
  readonly close: () => void;
}

type Ask = "reset" | "close" | "end" | "endOne" | "factor";

export function AccountSheet({ app, of, edits, owner, close }: Props) {
  const [a, set] = useState(of);
  const [v, setV] = useState<Readonly<Record<string, string>>>({});
  const [devices, setDevices] = useState<readonly SignedDevice[]>([]);
  const [error, setError] = useState<Fault | null>(null);
  const [ask, setAsk] = useState<Ask | null>(null);
  const [one, setOne] = useState<SignedDevice | null>(null);
  const [once, setOnce] = useState<OneTime | null>(null);
  const path = `admin/accounts/${encodeURIComponent(of.id)}`;
  const load = useCallback(async () => {
    const [now, where] = await Promise.all([app.http.get<Account>(path), app.http.get<DevicesPage>(`${path}/devices`)]);
    setError(now.error ?? where.error ?? null);
    if (now.data) set(now.data);
    if (where.data) setDevices(where.data.devices);
  }, [app, path]);
  useEffect(() => void load(), [load]);
  const list = usePaged(devices, say("view.devices.find"), wordsOf, deviceOrders);
  const change = async (patch: Readonly<Record<string, unknown>>): Promise<ErrorCode | null> => {
    const answer = await app.http.put<Account>(path, patch);
    setError(answer.error ?? null);
    if (answer.data) {
      setV({});
      await load();
    }
    return answer.error?.code ?? null;
  };
  const acts: Readonly<Record<Ask, () => Promise<ErrorCode | null>>> = {
    close: () => change({ active: false }),
    factor: async () => {
      const answer = await app.http.drop(`${path}/factor`);
      await load();
      return answer.error?.code ?? null;
    },
    end: async () => {
      const answer = await app.http.drop(`${path}/devices`);
      await load();
      return answer.error?.code ?? null;
    },
    endOne: async () => {
      const answer = one && (await app.http.drop(`${path}/devices/${encodeURIComponent(one.id)}`));
      await load();
      return answer?.error?.code ?? null;
    },
    reset: async () => {
      const answer = await app.http.post<OneTime>(`${path}/password`, {});
      if (answer.data) setOnce(answer.data);
      await load();
      return answer.error?.code ?? null;
    },
  };
  if (once) return <OnceSheet once={once} close={() => setOnce(null)} />;
  if (ask) {
    return (
      <Sure
        title={`admin.sure.${ask}`}
        about={`admin.sure.${ask}.about`}
        args={{ name: a.name, device: one ? nameOf(one) : "" }}
        go={`admin.do.${ask}`}
        act={acts[ask]}
        close={() => setAsk(null)}
      />
    );
  }
  const field = (key: "name" | "job" | "phone" | "mail") => (
    <Field
      label={say(`admin.field.${key}`)}
      value={v[key] ?? a[key] ?? ""}
      onInput={(e) => setV({ ...v, [key]: e.currentTarget.value })}
    />
  );
  return (
    <Dialog
      title={`${a.name} (${a.id})`}
      close={close}
      foot={
        edits ? (
          <Button kind="primary" disabled={Object.keys(v).length === 0} onClick={() => void change(v)}>
            {say("view.profile.save")}
          </Button>
        ) : undefined
      }
    >
      <div class={css.form}>
        <Marks of={a} />
        {error && (
          <p role="alert" class={css.error}>
            {sayPlaced(error)}
          </p>
        )}
        {a.synced && <p class={css.soft}>{say("admin.synced.about")}</p>}
        {edits && (
          <>
            {field("name")}
            <UnitPick
              app={app}
              label={say("admin.field.org")}
              value={v["org"] ?? a.org ?? ""}
              onPick={(org) => setV({ ...v, org })}
              none={say("admin.field.noOrg")}
            />
            {field("job")}
            {field("phone")}
            {field("mail")}
            {owner && <RolePick value={v["role"] ?? a.role ?? ""} onPick={(role) => setV({ ...v, role })} />}
          </>
        )}
        <div class={css.acts}>
          <Button onClick={() => setAsk("reset")}>{say("admin.do.reset")}</Button>
          {a.factor && <Button onClick={() => setAsk("factor")}>{say("admin.do.factor")}</Button>}
          {a.locked && (
            <Button
              onClick={async () => {
                const answer = await app.http.post(`${path}/unlock`, {});
                setError(answer.error ?? null);
                await load();
              }}
            >
              {say("admin.do.unlock")}
            </Button>
          )}
          {edits &&
            (a.active ? (
              <Button kind="danger" onClick={() => setAsk("close")}>
                {say("admin.do.close")}
              </Button>
            ) : (
              <Button onClick={() => void change({ active: true })}>{say("admin.do.reopen")}</Button>
            ))}
        </div>
        {edits && <Posts app={app} id={a.id} />}
        <h3>{say("view.devices")}</h3>
        {devices.length === 0 && <p class={css.soft}>{say("admin.devices.none")}</p>}
        {list.above}
        <ul class={css.devices}>
          {list.shown.map((d) => (
            <li key={d.id}>
              <span>
                {nameOf(d)} · {d.address} · {short(d.used)}
              </span>
              <Button
                onClick={() => {
                  setOne(d);
                  setAsk("endOne");
                }}
              >
                {say("admin.do.endOne")}
              </Button>
            </li>
          ))}
        </ul>
        {list.below}
        {devices.length > 0 && <Button onClick={() => setAsk("end")}>{say("admin.do.end")}</Button>}
      </div>
    </Dialog>
  );
}
