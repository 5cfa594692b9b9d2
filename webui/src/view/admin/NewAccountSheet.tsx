// NewAccountSheet makes an account. The password that serves once is shown this once.
import { useState } from "preact/hooks";
import { limits, type OneTime } from "../../gen/protocol.ts";
import type { App } from "../../state/app.ts";
import { say } from "../../text/say.ts";
import { Button, Field } from "../../ui/Controls.tsx";
import { Dialog } from "../../ui/Dialog.tsx";
import css from "./admin.module.css";
import { sayPlaced, UnitPick } from "./UnitPick.tsx";

interface Props {
  readonly app: App;
  readonly owner: boolean;
  readonly close: () => void;
}

const fields = [
  ["id", limits.userIdBytes],
  ["name", limits.jobRunes],
  ["job", limits.jobRunes],
  ["phone", limits.phoneRunes],
  ["mail", limits.nickRunes],
] as const;

export function NewAccountSheet({ app, owner, close }: Props) {
  const [v, set] = useState<Readonly<Record<string, string>>>({});
  const [role, setRole] = useState("");
  const [made, setMade] = useState<OneTime | null>(null);
  const [wrong, setWrong] = useState<{ field: string; text: string } | null>(null);
  const go = async () => {
    const a = await app.http.post<OneTime>("admin/accounts", { ...v, role });
    if (a.data) return setMade(a.data);
    const field = a.error.field ?? "name";
    setWrong({
      field,
      text:
        a.error.code === "conflict"
          ? say("admin.new.taken")
          : field === "id"
            ? say("admin.new.badId")
            : sayPlaced(a.error),
    });
  };
  if (made) return <OnceSheet once={made} close={close} />;
  return (
    <Dialog
      title={say("admin.accounts.new")}
      close={close}
      foot={
        <Button kind="primary" disabled={!v["id"] || !v["name"]} onClick={() => void go()}>
          {say("admin.new.go")}
        </Button>
      }
    >
      <form
        class={css.form}
        onSubmit={(e) => {
          e.preventDefault();
          void go();
        }}
      >
        {fields.map(([f, most], i) => (
          <Field
            key={f}
            label={say(`admin.field.${f}`)}
            value={v[f] ?? ""}
            maxLength={most}
            first={i === 0}
            plain={f === "id" || f === "mail"}
            error={wrong?.field === f ? wrong.text : null}
            onInput={(e) => set({ ...v, [f]: e.currentTarget.value })}
          />
        ))}
        <UnitPick
          app={app}
          label={say("admin.field.org")}
          value={v["org"] ?? ""}
          onPick={(org) => set({ ...v, org })}
          none={say("admin.field.noOrg")}
          error={wrong?.field === "org" ? wrong.text : null}
        />
        {owner && <RolePick value={role} onPick={setRole} />}
        <button type="submit" hidden />
      </form>
    </Dialog>
  );
}

export function RolePick({ value, onPick }: { readonly value: string; readonly onPick: (r: string) => void }) {
  return (
    <label class={css.pick}>
      {say("admin.field.role")}
      <select value={value} onChange={(e) => onPick(e.currentTarget.value)}>
        {(["", "helpdesk", "admin", "owner"] as const).map((r) => (
          <option key={r} value={r}>
            {say(`admin.role.${r || "none"}`)}
          </option>
        ))}
      </select>
    </label>
  );
}

// OnceSheet shows a password that serves once; it is kept nowhere.
export function OnceSheet({ once, close }: { readonly once: OneTime; readonly close: () => void }) {
  return (
    <Dialog
      title={say("admin.once")}
      close={close}
      size="small"
      foot={
        <Button kind="primary" first onClick={close}>
          {say("admin.once.done")}
        </Button>
      }
    >
      <p>{say("admin.once.about", { id: once.id })}</p>
      <p class={css.once}>
        <code>{once.password}</code>
        <Button onClick={() => void navigator.clipboard.writeText(once.password ?? "")}>
          {say("view.message.copy")}
        </Button>
      </p>
    </Dialog>
  );
}
