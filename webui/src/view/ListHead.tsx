// ListHead and Filter are the top of every list.
import type { ComponentChildren } from "preact";
import { say } from "../text/say.ts";
import { Icon } from "../ui/Icon.tsx";
import css from "./roomlist.module.css";

export function ListHead({ title, children }: { readonly title: string; readonly children?: ComponentChildren }) {
  return (
    <header class={css.head}>
      <h1>{title}</h1>
      {children}
    </header>
  );
}

interface Props {
  readonly label: string;
  readonly value: string;
  readonly onValue: (v: string) => void;
  readonly onKeyDown?: (e: KeyboardEvent) => void;
}

export function Filter({ label, value, onValue, onKeyDown }: Props) {
  return (
    <div class={css.filter}>
      <Icon name="search" size={16} />
      <input
        type="text"
        role="searchbox"
        aria-label={label}
        placeholder={label}
        value={value}
        spellcheck={false}
        onInput={(e) => onValue(e.currentTarget.value)}
        onKeyDown={(e) => {
          if (e.key === "Escape" && value !== "" && !e.isComposing) {
            onValue("");
            e.preventDefault();
            e.stopPropagation();
          }
          onKeyDown?.(e);
        }}
      />
      {value !== "" && (
        <button type="button" aria-label={say("view.clear")} onClick={() => onValue("")}>
          <Icon name="x" size={16} />
        </button>
      )}
    </div>
  );
}
