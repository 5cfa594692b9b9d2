// SettingsSheet is what a person may choose here: looks, language, pop-ups, and the way out.
import type { App } from "../state/app.ts";
import { say } from "../text/say.ts";
import { Avatar } from "../ui/Avatar.tsx";
import { Button, Pick } from "../ui/Controls.tsx";
import { Dialog } from "../ui/Dialog.tsx";
import { Icon } from "../ui/Icon.tsx";
import { NotifyPart } from "./NotifyPart.tsx";
import css from "./settings.module.css";

export function SettingsSheet({ app, close }: { readonly app: App; readonly close: () => void }) {
  const me = app.me.value;
  const s = app.settings.value;
  return (
    <Dialog title={say("view.settings")} close={close}>
      <div class={css.all}>
        {me && (
          <div class={css.me}>
            <Avatar faces={[me]} size={48} />
            <span>
              <b>{me.name}</b>
              <span>{[me.id, me.orgName, me.job].filter(Boolean).join(" · ")}</span>
            </span>
          </div>
        )}
        <Pick
          label={say("view.settings.theme")}
          value={s.theme}
          onPick={(theme) => app.setSettings({ theme })}
          of={[
            ["system", say("view.settings.system"), "monitor"],
            ["light", say("view.settings.light"), "sun"],
            ["dark", say("view.settings.dark"), "moon"],
          ]}
        />
        <Pick
          label={say("view.settings.language")}
          value={s.lang}
          onPick={(lang) => app.setSettings({ lang })}
          of={[
            ["ko", "한국어"],
            ["en", "English"],
          ]}
        />
        <NotifyPart app={app} />
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
      </div>
    </Dialog>
  );
}
