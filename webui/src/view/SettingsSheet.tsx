// SettingsSheet is what a person may choose: looks, profile, notifications, and how one signs in.
import { useRef, useState } from "preact/hooks";
import type { Looks } from "../gen/protocol.ts";
import type { App, Settings } from "../state/app.ts";
import { say } from "../text/say.ts";
import { Button, Pick } from "../ui/Controls.tsx";
import { Dialog } from "../ui/Dialog.tsx";
import { Icon } from "../ui/Icon.tsx";
import { composing } from "../ui/keys.ts";
import { NotifyPart, Switch } from "./NotifyPart.tsx";
import { ProfileTab } from "./ProfileTab.tsx";
import { sheet } from "./place.ts";
import { SecurityTab } from "./SecurityTab.tsx";
import css from "./settings.module.css";

const tabs = ["looks", "profile", "notify", "security"] as const;
type Tab = (typeof tabs)[number];

export function SettingsSheet({ app, close }: { readonly app: App; readonly close: () => void }) {
  const [tab, setTab] = useState<Tab>("looks");
  const list = useRef<HTMLDivElement>(null);
  const go = (to: Tab) => {
    setTab(to);
    list.current?.querySelector<HTMLElement>(`[data-tab="${to}"]`)?.focus();
  };
  return (
    <Dialog title={say("view.settings")} close={close}>
      <div
        ref={list}
        role="tablist"
        aria-label={say("view.settings")}
        class={css.tabs}
        onKeyDown={(e) => {
          const step = e.key === "ArrowRight" ? 1 : e.key === "ArrowLeft" ? -1 : 0;
          if (step === 0 || composing(e)) return;
          e.preventDefault();
          go(tabs[(tabs.indexOf(tab) + step + tabs.length) % tabs.length] as Tab);
        }}
      >
        {tabs.map((t) => (
          <button
            key={t}
            type="button"
            role="tab"
            id={`tab-${t}`}
            data-tab={t}
            aria-selected={t === tab}
            aria-controls="tab-panel"
            tabIndex={t === tab ? 0 : -1}
            {...(t === tab ? { "data-first": "" } : {})}
            onClick={() => setTab(t)}
          >
            {say(`view.settings.tab.${t}`)}
          </button>
        ))}
      </div>
      <div role="tabpanel" id="tab-panel" aria-labelledby={`tab-${tab}`} class={css.all}>
        {tab === "looks" && <LooksTab app={app} close={close} />}
        {tab === "profile" && <ProfileTab app={app} />}
        {tab === "notify" && <NotifyPart app={app} />}
        {tab === "security" && <SecurityTab app={app} />}
      </div>
    </Dialog>
  );
}

function LooksTab({ app, close }: { readonly app: App; readonly close: () => void }) {
  const s = app.settings.value;
  // Here at once, on the other devices as soon as the server knows.
  const choose = (patch: Partial<Choice>) => {
    app.setSettings(patch);
    const { theme, lang, text } = { ...s, ...patch };
    const looks: Looks = { theme, lang, text, silent: s.sound === "none" };
    void app.http.put("me/settings", { looks });
  };
  return (
    <>
      <Pick
        label={say("view.settings.theme")}
        value={s.theme}
        onPick={(theme) => choose({ theme })}
        of={[
          ["system", say("view.settings.system"), "monitor"],
          ["light", say("view.settings.light"), "sun"],
          ["dark", say("view.settings.dark"), "moon"],
        ]}
      />
      <Pick
        label={say("view.settings.language")}
        value={s.lang}
        onPick={(lang) => choose({ lang })}
        of={[
          ["ko", "한국어"],
          ["en", "English"],
        ]}
      />
      <Pick
        label={say("view.settings.text")}
        value={s.text}
        onPick={(text) => choose({ text })}
        of={[
          ["small", say("view.settings.text.small")],
          ["normal", say("view.settings.text.normal")],
          ["large", say("view.settings.text.large")],
          ["larger", say("view.settings.text.larger")],
        ]}
      />
      {app.canPopOut && (
        <Switch on={s.twice} label={say("view.settings.twice")} flip={(twice) => app.setSettings({ twice })} />
      )}
      {app.native.value.includes("diagnose") && (
        <Button wide onClick={() => (sheet.value = { kind: "diagnose" })}>
          <Icon name="monitor" size={18} />
          {say("view.diagnose")}
        </Button>
      )}
      <Button
        wide
        kind="danger"
        onClick={() => {
          close();
          void app.signOut();
        }}
      >
        <Icon name="log-out" size={18} />
        {say("view.settings.signOut")}
      </Button>
    </>
  );
}

type Choice = { readonly [k in "theme" | "lang" | "text"]: Settings[k] };
