// Body is the inside of a bubble, by the type of the message.
import type { Message } from "../gen/protocol.ts";
import type { Bubble } from "../state/app.ts";
import { say } from "../text/say.ts";
import { Icon } from "../ui/Icon.tsx";
import css from "./bubble.module.css";
import { later } from "./later.ts";
import type { Talk } from "./talk.ts";

export function Body({ talk, b }: { readonly talk: Talk; readonly b: Bubble }) {
  const m = b.message;
  if (m.cancelled) {
    return (
      <span class={css.gone}>
        <Icon name="undo-2" size={14} />
        {say("view.message.cancelled")}
      </span>
    );
  }
  switch (m.type) {
    case "file":
    case "image":
    case "flink": {
      const parts = later.value;
      return parts ? <parts.FileBody talk={talk} m={m} /> : <FilePlace m={m} />;
    }
    default: {
      // Until that part of the page is here, a text is what it is: only links, people and code do not stand out yet.
      const parts = later.value;
      if (!parts) return <>{m.body}</>;
      return (
        <>
          <parts.Prose talk={talk} m={m} />
          {m.preview && <parts.PreviewCard talk={talk} b={b} />}
        </>
      );
    }
  }
}

// FilePlace keeps the place of a file until the part of the page that draws files is here.
function FilePlace({ m }: { readonly m: Message }) {
  const { width = 0, height = 0 } = m.file ?? {};
  const scale = Math.min(1, 300 / Math.max(width, height, 1));
  const picture = m.type === "image" && width > 0;
  return (
    <span
      class={css.place}
      style={
        picture
          ? { width: `${Math.max(72, width * scale) - 24}px`, height: `${Math.max(48, height * scale) - 14}px` }
          : { width: "280px", height: "48px" }
      }
    />
  );
}
