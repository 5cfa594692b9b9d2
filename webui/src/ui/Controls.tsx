// The small parts of forms: buttons, fields, a choice of few.
import type { ComponentChildren, Ref, TargetedInputEvent, TargetedMouseEvent } from "preact";
import { useId, useRef, useState } from "preact/hooks";
import css from "./controls.module.css";
import { Icon, type IconName } from "./Icon.tsx";

interface ButtonProps {
  readonly children: ComponentChildren;
  readonly kind?: "primary" | "plain" | "danger";
  readonly type?: "button" | "submit";
  readonly onClick?: () => void;
  readonly disabled?: boolean;
  readonly busy?: boolean; // at work: like disabled
  readonly first?: boolean; // gets the focus when its dialog opens
  readonly wide?: boolean;
}

// useOff is for a button that nobody can press now. While it has the focus it keeps it, so that who has no mouse keeps
// the place: one that is disabled there drops the focus to the page.
function useOff(off: boolean | undefined, busy?: boolean) {
  const ref = useRef<HTMLButtonElement>(null);
  const [, left] = useState(0);
  const kept = busy || (off && ref.current !== null && ref.current === document.activeElement);
  return {
    kept,
    attributes: {
      ref,
      disabled: off && !kept,
      ...(kept ? { "aria-disabled": true, onBlur: () => left((n) => n + 1) } : {}),
    },
  };
}

export function Button(p: ButtonProps) {
  const { children, kind = "plain", type = "button", onClick, disabled, busy, first, wide } = p;
  const { kept, attributes } = useOff(disabled, busy);
  return (
    <button
      type={type}
      class={`${css.button} ${css[kind]} ${wide ? css.wide : ""}`}
      onClick={kept ? (e) => e.preventDefault() : onClick}
      {...attributes}
      {...(first ? { "data-first": "" } : {})}
    >
      {children}
    </button>
  );
}

interface IconButtonProps {
  readonly icon: IconName;
  readonly label: string;
  readonly onClick: (e: TargetedMouseEvent<HTMLButtonElement>) => void;
  readonly pressed?: boolean;
  readonly size?: number;
  readonly tabIndex?: number;
  readonly hasMenu?: boolean;
  readonly disabled?: boolean;
}

export function IconButton(p: IconButtonProps) {
  const { icon, label, onClick, pressed, size = 20, tabIndex, hasMenu, disabled } = p;
  const { kept, attributes } = useOff(disabled);
  return (
    <button
      type="button"
      class={css.iconButton}
      aria-label={label}
      title={label}
      onClick={kept ? (e) => e.preventDefault() : onClick}
      tabIndex={tabIndex}
      aria-pressed={pressed}
      aria-haspopup={hasMenu ? "menu" : undefined}
      {...attributes}
    >
      <Icon name={icon} size={size} />
    </button>
  );
}

interface FieldProps {
  readonly label: string;
  readonly value: string;
  readonly onInput: (e: TargetedInputEvent<HTMLInputElement>) => void;
  readonly error?: string | null;
  readonly hint?: string | null;
  readonly end?: ComponentChildren; // stands inside the box, at its end
  readonly box?: Ref<HTMLInputElement>;
  readonly first?: boolean;
  readonly type?: "text" | "password";
  readonly name?: string;
  readonly placeholder?: string;
  readonly autocomplete?: "username" | "current-password" | "new-password" | "one-time-code" | "url" | "off";
  readonly maxLength?: number;
  readonly plain?: boolean; // no spelling, no capitals: an id, an address, a password
  readonly onKeyDown?: (e: KeyboardEvent) => void;
  readonly onKeyUp?: (e: KeyboardEvent) => void;
  readonly onBlur?: () => void;
}

export function Field(p: FieldProps) {
  const { label, error, hint, end, box, first } = p;
  const id = useId();
  const about = error || hint;
  return (
    <div class={css.field}>
      <label for={id}>{label}</label>
      <div class={error ? `${css.box} ${css.wrong}` : css.box}>
        <input
          id={id}
          {...(p.type === "password" ? { type: "password" as const } : { type: "text" as const })}
          name={p.name}
          value={p.value}
          placeholder={p.placeholder}
          autocomplete={p.autocomplete ?? "off"}
          maxLength={p.maxLength}
          {...(p.plain ? { spellcheck: false, autoCapitalize: "none" } : {})}
          onInput={p.onInput}
          onKeyDown={p.onKeyDown}
          onKeyUp={p.onKeyUp}
          onBlur={p.onBlur}
          ref={box ?? null}
          aria-invalid={error ? "true" : undefined}
          aria-describedby={about ? `${id}-about` : undefined}
          {...(first ? { "data-first": "" } : {})}
        />
        {end}
      </div>
      <p id={`${id}-about`} class={error ? css.error : css.hint} role={error ? "alert" : undefined}>
        {error && <Icon name="circle-alert" size={14} />}
        {about}
      </p>
    </div>
  );
}

interface ChoiceProps<T extends string> {
  readonly label: string;
  readonly value: T;
  readonly of: readonly (readonly [T, string, IconName?])[];
  readonly onPick: (value: T) => void;
}

export function Pick<T extends string>({ label, value, of, onPick }: ChoiceProps<T>) {
  const name = useId();
  return (
    <fieldset class={css.pick}>
      <legend>{label}</legend>
      <div class={css.few}>
        {of.map(([v, text, icon]) => (
          <label key={v} class={css.one}>
            <input type="radio" name={name} checked={v === value} onChange={() => onPick(v)} />
            <span>
              {icon && <Icon name={icon} size={16} />}
              {text}
            </span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
