// ProfileTab is what a person says of himself: picture, nickname, job, telephone, absence.
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { type ErrorCode, limits, type Profile, type User } from "../gen/protocol.ts";
import type { App } from "../state/app.ts";
import { say, sayError } from "../text/say.ts";
import { Avatar } from "../ui/Avatar.tsx";
import { Button, Field } from "../ui/Controls.tsx";
import { Awaited } from "./Awaited.tsx";
import { Cropper } from "./Cropper.tsx";
import { heard } from "./place.ts";
import css from "./settings.module.css";

const kinds = ["dayoff", "half", "biztrip", "training", "leave"] as const;

export function ProfileTab({ app }: { readonly app: App }) {
  const me = app.me.value;
  const [p, set] = useState<Profile | null>(null);
  const [error, setError] = useState<ErrorCode | null>(null);
  const [saved, setSaved] = useState(false);
  const [cropping, crop] = useState<ImageBitmap | null>(null);
  const file = useRef<HTMLInputElement>(null);
  const load = useCallback(async () => {
    const a = await app.http.get<Profile>("me/profile");
    setError(a.error?.code ?? null);
    if (a.data) set(a.data);
  }, [app]);
  useEffect(() => void load(), [load]);
  if (!me || !p) return <Awaited error={error && sayError(error)} again={() => void load()} />;

  const change = (patch: Partial<Profile>) => {
    set({ ...p, ...patch });
    setSaved(false);
  };
  const save = async () => {
    const answer = await app.http.put<Profile>("me/profile", p);
    setError(answer.error?.code ?? null);
    setSaved(!answer.error);
    if (!answer.error) heard.value = say("view.profile.saved");
  };
  const choose = async (chosen: File | undefined) => {
    setError(null);
    if (!chosen) return;
    if (chosen.size > limits.pictureBytes) return setError("too_large");
    crop(
      await createImageBitmap(chosen).catch(() => {
        setError("bad_request");
        return null;
      }),
    );
  };
  const picture = async (blob: Blob | null) => {
    crop(null);
    const answer = blob ? await app.http.send<User>("me/picture", blob) : await app.http.drop<User>("me/picture");
    if (answer.error) setError(answer.error.code);
    else app.persons.peek()?.know([answer.data]);
  };
  const away = p.absence ?? null;
  const now = app.persons.value?.of(me.id).value;
  return (
    <>
      {cropping && <Cropper image={cropping} done={picture} cancel={() => crop(null)} />}
      <div class={css.me}>
        <Avatar faces={[me]} size={72} />
        <span>
          <b>{me.name}</b>
          <span>{[me.id, me.orgName].filter(Boolean).join(" · ")}</span>
          <span class={css.few}>
            <Button onClick={() => file.current?.click()}>{say("view.profile.picture")}</Button>
            {now?.picture && <Button onClick={() => void picture(null)}>{say("view.profile.picture.drop")}</Button>}
          </span>
        </span>
        <input
          ref={file}
          type="file"
          accept="image/png,image/jpeg,image/gif,image/webp"
          hidden
          aria-label={say("view.profile.picture")}
          onChange={(e) => {
            void choose(e.currentTarget.files?.[0]);
            e.currentTarget.value = "";
          }}
        />
      </div>
      {error && (
        <p role="alert" class={css.error}>
          {error === "too_large" ? say("view.profile.tooLarge") : sayError(error)}
        </p>
      )}
      <form
        class={css.form}
        onSubmit={(e) => {
          e.preventDefault();
          void save();
        }}
      >
        <Field
          label={say("view.profile.nick")}
          value={p.nick}
          maxLength={limits.nickRunes}
          onInput={(e) => change({ nick: e.currentTarget.value })}
        />
        <Field
          label={say("view.person.job")}
          value={p.job}
          maxLength={limits.jobRunes}
          onInput={(e) => change({ job: e.currentTarget.value })}
        />
        <Field
          label={say("view.person.phone")}
          value={p.phone}
          maxLength={limits.phoneRunes}
          error={/^[0-9+\-() ]*$/.test(p.phone) ? null : say("view.profile.phone.wrong")}
          onInput={(e) => change({ phone: e.currentTarget.value })}
        />
        <fieldset class={css.absence}>
          <legend class={css.label}>{say("view.profile.absence")}</legend>
          <select
            aria-label={say("view.profile.absence")}
            value={away ? (kinds.find((k) => k.slice(0, limits.absenceCode) === away.code) ?? "other") : ""}
            onChange={(e) => {
              const kind = e.currentTarget.value as (typeof kinds)[number] | "other" | "";
              if (kind === "") change({ absence: null as never });
              else
                change({
                  absence: { ...away, code: kind.slice(0, limits.absenceCode), name: say(`view.absence.${kind}`) },
                });
            }}
          >
            <option value="">{say("view.absence.none")}</option>
            {[...kinds, "other" as const].map((k) => (
              <option key={k} value={k}>
                {say(`view.absence.${k}`)}
              </option>
            ))}
          </select>
          {away && (
            <span class={css.times}>
              <input
                type="date"
                aria-label={say("view.profile.from")}
                value={away.from ?? ""}
                onChange={(e) => change({ absence: { ...away, from: e.currentTarget.value } })}
              />
              –
              <input
                type="date"
                aria-label={say("view.profile.to")}
                value={away.to ?? ""}
                min={away.from}
                onChange={(e) => change({ absence: { ...away, to: e.currentTarget.value } })}
              />
            </span>
          )}
        </fieldset>
        <Button type="submit" kind="primary">
          {say(saved ? "view.profile.saved" : "view.profile.save")}
        </Button>
      </form>
    </>
  );
}
