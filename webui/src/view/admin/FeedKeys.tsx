// FeedKeys are how systems of the company deliver by themselves: each has a key of its own, which can be taken away.
import { useCallback, useEffect, useState } from "preact/hooks";
import type { ErrorCode, FeedKey, FeedKeys as Page } from "../../gen/protocol.ts";
import type { App } from "../../state/app.ts";
import { say, sayError } from "../../text/say.ts";
import { Button, Field } from "../../ui/Controls.tsx";
import { Dialog } from "../../ui/Dialog.tsx";
import { Sure } from "../Sure.tsx";
import { byText, usePaged } from "../usePaged.tsx";
import css from "./admin.module.css";

const orders = [
  { name: "view.sort.made", by: (a: FeedKey, b: FeedKey) => ((a.at ?? "") < (b.at ?? "") ? 1 : -1) },
  { name: "view.sort.used", by: (a: FeedKey, b: FeedKey) => ((a.used ?? "") < (b.used ?? "") ? 1 : -1) },
  { name: "view.sort.name", by: byText((k: FeedKey) => k.name) },
] as const;

export function FeedKeys({ app }: { readonly app: App }) {
  const [keys, set] = useState<readonly FeedKey[] | null>(null);
  const [error, setError] = useState<ErrorCode | null>(null);
  const [making, setMaking] = useState(false);
  const [drop, setDrop] = useState<FeedKey | null>(null);
  const load = useCallback(async () => {
    const a = await app.http.get<Page>("admin/feed/keys");
    setError(a.error?.code ?? null);
    if (a.data) set(a.data.keys);
  }, [app]);
  useEffect(() => void load(), [load]);
  const list = usePaged(keys ?? [], say("admin.feed.keys.find"), (k) => `${k.name} ${k.nets.join(" ")}`, orders);
  const time = new Intl.DateTimeFormat(undefined, { dateStyle: "medium" });
  const remove = async (): Promise<ErrorCode | null> => {
    if (!drop) return null;
    const a = await app.http.drop(`admin/feed/keys/${encodeURIComponent(drop.id)}`);
    await load();
    return a.error?.code ?? null;
  };
  return (
    <section class={css.stack} aria-label={say("admin.feed.keys")}>
      <h3>{say("admin.feed.keys")}</h3>
      <p class={css.soft}>{say("admin.feed.keys.about")}</p>
      {error && (
        <p role="alert" class={css.error}>
          {sayError(error)} <Button onClick={() => void load()}>{say("admin.again")}</Button>
        </p>
      )}
      {keys?.length === 0 && <p class={css.soft}>{say("admin.feed.keys.none")}</p>}
      {list.above}
      <ul class={css.devices}>
        {list.shown.map((k) => (
          <li key={k.id} data-key={k.id}>
            <span>
              <b>{k.name}</b> · {k.nets.join(", ") || say("admin.feed.key.anywhere")} ·{" "}
              {k.used
                ? say("admin.feed.key.used", { when: time.format(new Date(k.used)) })
                : say("admin.feed.key.unused")}
            </span>
            <Button kind="danger" onClick={() => setDrop(k)}>
              {say("admin.feed.key.drop")}
            </Button>
          </li>
        ))}
      </ul>
      {list.below}
      <div class={css.acts}>
        <Button onClick={() => setMaking(true)}>{say("admin.feed.key.new")}</Button>
      </div>
      {making && (
        <NewKey
          app={app}
          close={() => {
            setMaking(false);
            void load();
          }}
        />
      )}
      {drop && (
        <Sure
          title="admin.feed.key.sure"
          about="admin.feed.key.sure.about"
          args={{ name: drop.name }}
          go="admin.feed.key.drop"
          act={remove}
          close={() => setDrop(null)}
        />
      )}
    </section>
  );
}

function NewKey({ app, close }: { readonly app: App; readonly close: () => void }) {
  const [name, setName] = useState("");
  const [nets, setNets] = useState("");
  const [wrong, setWrong] = useState<{ readonly field: string; readonly text: string } | null>(null);
  const [made, setMade] = useState<FeedKey | null>(null);
  const go = async () => {
    const a = await app.http.post<FeedKey>("admin/feed/keys", { name, nets: nets.split(/[\s,]+/).filter(Boolean) });
    if (a.data) return setMade(a.data);
    const field = a.error.field ?? "name";
    setWrong({ field, text: field === "nets" ? say("admin.feed.key.badNets") : sayError(a.error.code) });
  };
  const shown = made?.key;
  if (shown) {
    return (
      <Dialog
        title={say("admin.feed.key.made")}
        close={close}
        size="small"
        foot={
          <Button kind="primary" first onClick={close}>
            {say("admin.once.done")}
          </Button>
        }
      >
        <p>{say("admin.feed.key.once", { name: made.name })}</p>
        <p class={css.once}>
          <code>{shown}</code>
          <Button onClick={() => void navigator.clipboard.writeText(shown)}>{say("view.message.copy")}</Button>
        </p>
      </Dialog>
    );
  }
  return (
    <Dialog
      title={say("admin.feed.key.new")}
      close={close}
      size="small"
      foot={
        <Button kind="primary" disabled={name.trim() === ""} onClick={() => void go()}>
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
        <Field
          label={say("admin.feed.key.name")}
          value={name}
          maxLength={100}
          first
          error={wrong?.field === "name" ? wrong.text : null}
          onInput={(e) => setName(e.currentTarget.value)}
        />
        <Field
          label={say("admin.feed.key.nets")}
          value={nets}
          plain
          placeholder="10.0.0.0/8"
          error={wrong?.field === "nets" ? wrong.text : null}
          onInput={(e) => setNets(e.currentTarget.value)}
        />
        <button type="submit" hidden />
      </form>
    </Dialog>
  );
}
