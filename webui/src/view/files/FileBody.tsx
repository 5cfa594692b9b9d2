// FileBody is the inside of a bubble that shows a file: a picture, a film, a sound, or a card with name and size. Its
// box has its size before any byte of the file is there.
import { useState } from "preact/hooks";
import type { FileInfo, Message } from "../../gen/protocol.ts";
import { say } from "../../text/say.ts";
import { Icon } from "../../ui/Icon.tsx";
import { Prose } from "../Prose.tsx";
import type { Talk } from "../talk.ts";
import {
  address,
  boxOf,
  iconOf,
  isFilm,
  isPDF,
  isPicture,
  isSound,
  lengthOf,
  moves,
  sizeOf,
  untilOf,
  useGone,
} from "./facts.ts";
import css from "./files.module.css";
import { save } from "./save.ts";
import { view } from "./viewing.ts";

export function FileBody({ talk, m }: { readonly talk: Talk; readonly m: Message }) {
  const f = m.file;
  const over = useGone(f);
  if (!f) return <Prose talk={talk} m={m} />;
  const shown = !over && (isPicture(f) || (isFilm(f) && (f.width ?? 0) > 0));
  return (
    <div class={css.file}>
      {shown ? (
        <Picture talk={talk} m={m} f={f} />
      ) : isSound(f) && !over ? (
        <Sound f={f} />
      ) : (
        <Card talk={talk} m={m} f={f} over={over} />
      )}
      {m.body && (
        <div class={css.said}>
          <Prose talk={talk} m={m} />
        </div>
      )}
    </div>
  );
}

interface Part {
  readonly talk: Talk;
  readonly m: Message;
  readonly f: FileInfo;
}

function Picture({ talk, m, f }: Part) {
  const box = boxOf(f.width ?? 1, f.height ?? 1);
  const film = isFilm(f);
  const [bad, setBad] = useState(false); // it cannot be had for now
  const onBad = () => setBad(true);
  const name = say(bad ? "view.file.badNamed" : film ? "view.file.film" : "view.file.picture", { name: f.name });
  return (
    <button
      type="button"
      class={css.picture}
      style={{ width: `${box.width}px`, aspectRatio: `${box.width} / ${box.height}` }}
      aria-label={name}
      title={f.name}
      tabIndex={-1}
      data-bad={bad || undefined}
      onClick={() => (bad ? setBad(false) : view(talk.model.id, m.id))}
    >
      {bad ? (
        <span class={css.bad}>
          <Icon name="rotate-cw" size={20} />
          {box.width >= 160 && <span>{say("view.file.bad")}</span>}
        </span>
      ) : moves(f) && !(f.thumb && talk.app.native.value.includes("calm")) ? (
        <img
          src={address(f)}
          alt=""
          width={box.width}
          height={box.height}
          loading="lazy"
          decoding="async"
          onError={onBad}
        />
      ) : f.thumb ? (
        <img
          src={address(f, "thumb")}
          srcset={`${address(f, "thumb")} 1x, ${address(f, "screen")} 2x`}
          alt=""
          width={box.width}
          height={box.height}
          loading="lazy"
          decoding="async"
          onError={onBad}
        />
      ) : film ? (
        <video src={`${address(f)}#t=0.1`} preload="metadata" muted playsInline tabIndex={-1} onError={onBad} />
      ) : (
        <Icon name="image" size={28} />
      )}
      {film && !bad && (
        <span class={css.play}>
          <Icon name="play" size={22} />
        </span>
      )}
      {film && f.length ? <span class={css.length}>{lengthOf(f.length)}</span> : null}
    </button>
  );
}

function Sound({ f }: { readonly f: FileInfo }) {
  return (
    <div class={css.sound}>
      <span class={css.name}>{f.name}</span>
      {/* biome-ignore lint/a11y/useMediaCaption: a sound that a person sent */}
      <audio controls preload="none" src={address(f)} />
      <span class={css.facts}>
        {[sizeOf(f.size), f.length ? lengthOf(f.length) : "", untilOf(f)].filter(Boolean).join(" · ")}
      </span>
    </div>
  );
}

function Card({ talk, m, f, over }: Part & { readonly over: boolean }) {
  const facts = over ? say("view.file.expired") : [sizeOf(f.size), untilOf(f)].filter(Boolean).join(" · ");
  const opens = !over && (isPDF(f) || isFilm(f));
  const inside = (
    <>
      {f.thumb && !over && isPDF(f) ? (
        <img class={css.page} src={address(f, "thumb")} alt="" width={44} height={56} loading="lazy" decoding="async" />
      ) : (
        <span class={css.icon}>
          <Icon name={iconOf(f.kind)} size={22} />
        </span>
      )}
      <span class={css.words}>
        <span class={css.name}>{f.name || say("view.file.unnamed")}</span>
        <span class={css.facts}>{facts}</span>
      </span>
    </>
  );
  if (over) return <div class={`${css.card} ${css.over}`}>{inside}</div>;
  return (
    <div class={css.card}>
      <button
        type="button"
        class={css.open}
        tabIndex={-1}
        onClick={() => (opens ? view(talk.model.id, m.id) : save(talk.app, f))}
      >
        {inside}
        <span class="heard">{say(opens ? "view.open" : "view.file.save")}</span>
      </button>
      {opens && (
        <button
          type="button"
          class={css.save}
          tabIndex={-1}
          aria-label={say("view.file.saveNamed", { name: f.name })}
          title={say("view.file.save")}
          onClick={() => save(talk.app, f)}
        >
          <Icon name="download" size={18} />
        </button>
      )}
    </div>
  );
}
