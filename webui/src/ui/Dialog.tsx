// Dialog is a modal sheet on <dialog>: Esc and a press beside it close it, the focus goes back to where it was.
import type { ComponentChildren } from "preact";
import { useId, useLayoutEffect, useRef } from "preact/hooks";
import { say } from "../text/say.ts";
import css from "./dialog.module.css";
import { Icon } from "./Icon.tsx";
import { composing } from "./keys.ts";

interface Props {
  readonly title: string;
  readonly close: (() => void) | null; // null: it stays until what it asks for is done
  readonly children: ComponentChildren;
  readonly foot?: ComponentChildren;
  readonly size?: "small" | "medium";
  readonly kind?: "dialog" | "alertdialog";
}

export function Dialog({ title, close, children, foot, size = "medium", kind = "dialog" }: Props) {
  const ref = useRef<HTMLDialogElement>(null);
  const id = useId();
  useLayoutEffect(() => {
    const before = document.activeElement;
    const el = ref.current;
    el?.showModal();
    // Without a first control the sheet itself has the keyboard, not its closing button.
    (el?.querySelector<HTMLElement>("[data-first]") ?? el)?.focus();
    return () => {
      el?.close();
      if (before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
    };
  }, []);
  // What had the keyboard may be gone: the sheet has it then, and not the page behind it.
  useLayoutEffect(() => {
    if (document.activeElement === document.body) ref.current?.focus();
  });
  return (
    <dialog
      ref={ref}
      class={`${css.dialog} ${css[size]}`}
      role={kind}
      tabIndex={-1}
      aria-labelledby={id}
      onCancel={(e) => {
        e.preventDefault();
        close?.();
      }}
      onKeyDown={(e) => {
        // Esc in a composition belongs to the input method.
        if (e.key === "Escape" && composing(e)) e.preventDefault();
        e.stopPropagation();
      }}
      onPointerDown={(e) => {
        if (e.target === e.currentTarget) close?.();
      }}
    >
      <div class={css.sheet}>
        <header class={css.head}>
          <h2 id={id}>{title}</h2>
          {close && (
            <button type="button" class={css.x} aria-label={say("view.close")} onClick={close}>
              <Icon name="x" />
            </button>
          )}
        </header>
        <div class={css.body}>{children}</div>
        {foot && <footer class={css.foot}>{foot}</footer>}
      </div>
    </dialog>
  );
}
