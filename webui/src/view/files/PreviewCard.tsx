// PreviewCard is what the page behind a link says of itself. Its picture comes from our server, in a place kept for it.
import type { Bubble } from "../../state/app.ts";
import { say } from "../../text/say.ts";
import { Icon } from "../../ui/Icon.tsx";
import type { Talk } from "../talk.ts";
import css from "./preview.module.css";

export function PreviewCard({ talk, b }: { readonly talk: Talk; readonly b: Bubble }) {
  const p = b.message.preview;
  if (!p) return null;
  const wide = (p.width ?? 0) >= 400 && (p.width ?? 0) > (p.height ?? 0);
  const picture = p.width ? (
    <img
      class={wide ? css.wide : css.small}
      src={`api/v1/previews/${encodeURIComponent(p.id)}`}
      alt=""
      loading="lazy"
      decoding="async"
    />
  ) : null;
  return (
    <div class={css.card}>
      <a class={css.link} href={p.url} target="_blank" rel="noopener noreferrer nofollow" tabIndex={-1}>
        {wide && picture}
        <span class={css.row}>
          <span class={css.words}>
            <span class={css.site}>{p.site}</span>
            <span class={css.title}>{p.title}</span>
            {p.about && <span class={css.about}>{p.about}</span>}
          </span>
          {!wide && picture}
        </span>
      </a>
      {b.mine && (
        <button
          type="button"
          class={css.x}
          tabIndex={-1}
          aria-label={say("view.preview.drop")}
          title={say("view.preview.drop")}
          onClick={() => void talk.app.dropPreview(talk.model.id, b.message.id)}
        >
          <Icon name="x" size={14} />
        </button>
      )}
    </div>
  );
}
