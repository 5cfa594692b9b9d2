// Banner tells of a message in another room while this page is in front.
import type { App } from "../state/app.ts";
import { say } from "../text/say.ts";
import { IconButton } from "../ui/Controls.tsx";
import css from "./banner.module.css";
import { section } from "./place.ts";

export function Banner({ app }: { readonly app: App }) {
  const b = app.banner.value;
  return (
    <div role="status" aria-live="polite">
      {b && (
        <div class={css.banner}>
          <button
            type="button"
            class={css.go}
            onClick={() => {
              section.value = "chats";
              app.open(b.room);
            }}
          >
            <strong>{b.title}</strong>
            <span>{b.body}</span>
          </button>
          <IconButton icon="x" label={say("view.close")} onClick={() => app.dismissBanner()} size={18} />
        </div>
      )}
    </div>
  );
}
