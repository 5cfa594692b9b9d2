// Announced is what an administrator said to everybody, until it is put away or its time is over; and once that this
// computer shows no notifications.
import { useEffect, useState } from "preact/hooks";
import type { Announcement } from "../gen/protocol.ts";
import type { App } from "../state/app.ts";
import { lang, say } from "../text/say.ts";
import { Icon } from "../ui/Icon.tsx";
import css from "./announced.module.css";

// A timer takes no more than this, and a sleeping computer is late with it anyway.
const look = 60_000;

// noticeText is what a reader of this language reads.
export const noticeText = (a: Announcement): string => (lang.value === "en" && a.english ? a.english : a.text);

export function Announced({ app }: { readonly app: App }) {
  const a = app.announced.value;
  const { seenNotice, mute, muteSeen } = app.settings.value;
  const [, again] = useState(0);
  const until = a?.until ? Date.parse(a.until) : 0;
  useEffect(() => {
    const left = until - Date.now();
    if (left <= 0) return;
    const timer = setInterval(() => again((n) => n + 1), Math.min(look, left + 50));
    return () => clearInterval(timer);
  }, [until]);
  if (a?.text && a.id !== seenNotice && (until === 0 || until > Date.now())) {
    const close = (): void => app.setSettings({ seenNotice: a.id });
    return <Bar label={say("view.announced")} text={noticeText(a)} close={close} />;
  }
  if (!mute || muteSeen || app.alone || !app.native.value.includes("notify")) return null;
  return (
    <Bar
      label={say("view.settings.popups")}
      text={say("view.alerts.mute")}
      close={() => app.setSettings({ muteSeen: true })}
    />
  );
}

interface BarProps {
  readonly label: string;
  readonly text: string;
  readonly close: () => void;
}

function Bar({ label, text, close }: BarProps) {
  return (
    <aside class={css.bar} aria-label={label}>
      <Icon name="circle-alert" size={18} />
      <p role="status">{text}</p>
      <button type="button" aria-label={say("view.close")} onClick={close}>
        <Icon name="x" size={18} />
      </button>
    </aside>
  );
}
