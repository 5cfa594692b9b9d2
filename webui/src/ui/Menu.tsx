// Menu is the one floating menu of the page. Whoever wants one calls showMenu; Menus draws it.
import { signal } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import { Icon, type IconName } from "./Icon.tsx";
import css from "./menu.module.css";
import { around } from "./roving.ts";

export interface Choice {
  readonly label: string;
  readonly icon?: IconName;
  readonly danger?: boolean;
  readonly on?: boolean; // one of several to choose from: whether it is the one
  readonly apart?: boolean; // a line stands above it
  readonly act: () => void;
}
interface Open {
  readonly label: string;
  readonly choices: readonly Choice[];
  readonly x: number;
  readonly y: number;
  readonly above: number; // where a menu ends that has no room below
  readonly from: HTMLElement | null;
}

const open = signal<Open | null>(null);

// showMenu opens the menu under an element, or at the pointer of a right click.
export function showMenu(at: HTMLElement | MouseEvent, label: string, choices: readonly Choice[]): void {
  const from = document.activeElement instanceof HTMLElement ? document.activeElement : null;
  if (at instanceof MouseEvent && at.detail + at.clientX + at.clientY > 0) {
    at.preventDefault();
    open.value = { label, choices, x: at.clientX, y: at.clientY, above: at.clientY, from };
    return;
  }
  const el = at instanceof MouseEvent ? (at.target as HTMLElement) : at;
  if (at instanceof MouseEvent) at.preventDefault();
  const box = el.getBoundingClientRect();
  open.value = { label, choices, x: box.left, y: box.bottom + 4, above: box.top - 4, from: el };
}

export function Menus() {
  const menu = open.value;
  return menu && <Menu key={`${menu.x} ${menu.y} ${menu.label}`} menu={menu} />;
}

function Menu({ menu }: { readonly menu: Open }) {
  const ref = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const el = ref.current;
    if (!el) return;
    el.showPopover();
    const box = el.getBoundingClientRect();
    const x = Math.max(8, Math.min(menu.x, innerWidth - box.width - 8));
    const y = menu.y + box.height + 8 > innerHeight ? Math.max(8, menu.above - box.height) : menu.y;
    el.style.left = `${x}px`;
    el.style.top = `${y}px`;
    el.querySelector<HTMLElement>("[role^=menuitem]")?.focus();
    const away = (e: Event) => {
      if (!(e.target instanceof Node && el.contains(e.target))) open.value = null;
    };
    const gone = () => {
      open.value = null;
    };
    addEventListener("pointerdown", away, true);
    addEventListener("wheel", away, { capture: true, passive: true });
    addEventListener("resize", gone);
    addEventListener("blur", gone);
    return () => {
      removeEventListener("pointerdown", away, true);
      removeEventListener("wheel", away, true);
      removeEventListener("resize", gone);
      removeEventListener("blur", gone);
    };
  }, [menu]);

  const close = () => {
    open.value = null;
    if (menu.from?.isConnected) menu.from.focus({ preventScroll: true });
  };
  const onKeyDown = (e: KeyboardEvent) => {
    e.stopPropagation();
    if (e.key === "Escape" || e.key === "Tab") {
      e.preventDefault();
      close();
      return;
    }
    const all = [...(ref.current?.querySelectorAll<HTMLElement>("[role^=menuitem]") ?? [])];
    const to = around(e, all.indexOf(document.activeElement as HTMLElement), all.length);
    if (to === null) return;
    e.preventDefault();
    all[to]?.focus();
  };
  return (
    <div
      ref={ref}
      class={css.menu}
      popover="manual"
      role="menu"
      aria-label={menu.label}
      onKeyDown={onKeyDown}
      tabIndex={-1}
    >
      {menu.choices.map((c) => (
        <button
          key={c.label}
          type="button"
          {...(c.on === undefined ? { role: "menuitem" } : { role: "menuitemradio", "aria-checked": c.on })}
          tabIndex={-1}
          class={`${css.item} ${c.danger ? css.danger : ""} ${c.apart ? css.apart : ""}`}
          onClick={() => {
            close();
            c.act();
          }}
        >
          {c.icon && <Icon name={c.icon} size={18} />}
          {c.label}
          {c.on && (
            <span class={css.on}>
              <Icon name="check" size={16} />
            </span>
          )}
        </button>
      ))}
    </div>
  );
}
