// ListHead and Filter are the top of every list.
import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
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
  readonly first?: boolean; // has the keyboard when it appears
}

export function Filter({ label, value, onValue, onKeyDown, first }: Props) {
  const box = useRef<HTMLInputElement>(null);
  useLayoutEffect(() => {
    if (first) box.current?.focus();
  }, []);
  return (
    <div class={css.filter}>
      <Icon name="search" size={16} />
      <input
        ref={box}
        {...(first ? { "data-first": "" } : {})}
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
