// NotifyPart is the part of the settings about notifications: what counts on all devices, and what this one does.
import { useState } from "preact/hooks";
import type { NotifySettings } from "../gen/protocol.ts";
import type { App, Tried } from "../state/app.ts";
import { say } from "../text/say.ts";
import { Button, Pick } from "../ui/Controls.tsx";
import css from "./notify.module.css";
import { QuietPart } from "./QuietPart.tsx";

export function NotifyPart({ app }: { readonly app: App }) {
  const mine = app.notify.value;
  const s = app.settings.value;
  const [failed, setFailed] = useState(false);
  const [tried, setTried] = useState<Tried | null>(null);
  const change = (patch: Partial<NotifySettings>) =>
    void app.setNotify(patch).then((bad) => {
      setFailed(bad !== null);
    });
  const sound = (["", "soft", "bright", "bell", "none"] as const).find((x) => x === (s.sound ?? "")) ?? "";
  return (
    <section class={css.part} aria-label={say("view.settings.popups")}>
      <h3>{say("view.settings.popups")}</h3>
      <Here app={app} />
      {mine && (
        <>
          <Switch on={!mine.notifyOff} label={say("view.alerts.on")} flip={(on) => change({ notifyOff: !on })} />
          <Switch on={!mine.hideSender} label={say("view.alerts.sender")} flip={(on) => change({ hideSender: !on })} />
          <Switch on={!mine.hideBody} label={say("view.alerts.body")} flip={(on) => change({ hideBody: !on })} />
          <Away after={mine.awayAfter ?? 0} change={(awayAfter) => change({ awayAfter })} />
          <QuietPart app={app} hours={mine.quietHours} change={(quietHours) => change({ quietHours })} />
          {app.windows.value.urgent > 0 && (
            <div class={css.choice}>
              <Switch
                on={mine.urgentOff !== true}
                label={say("view.alerts.urgent")}
                flip={(on) => change({ urgentOff: !on })}
              />
              <p class={css.about}>{say("view.alerts.urgent.about")}</p>
            </div>
          )}
        </>
      )}
      {failed && (
        <p role="alert" class={css.bad}>
          {say("view.alerts.failed")}
        </p>
      )}
      <Pick
        label={say("view.alerts.sound")}
        value={sound}
        onPick={(picked) => {
          app.setSettings({ sound: picked });
          if (picked !== "" && picked !== "none") void import("../platform/tones.ts").then(({ play }) => play(picked));
        }}
        of={[
          ["", say("view.alerts.sound.system")],
          ["soft", say("view.alerts.sound.soft")],
          ["bright", say("view.alerts.sound.bright")],
          ["bell", say("view.alerts.sound.bell")],
          ["none", say("view.alerts.sound.none")],
        ]}
      />
      <Stay app={app} />
      {app.native.value.includes("notify") && (
        <div class={css.choice}>
          <Switch on={s.blink === true} label={say("view.alerts.blink")} flip={(blink) => app.setSettings({ blink })} />
          <p class={css.about}>{say("view.alerts.blink.about")}</p>
        </div>
      )}
      {app.native.value.includes("notify") && (
        <div class={css.choice}>
          <Switch
            on={s.overFull !== true}
            label={say("view.alerts.full")}
            flip={(held) => app.setSettings({ overFull: !held })}
          />
          <p class={css.about}>{say("view.alerts.full.about")}</p>
        </div>
      )}
      <Button onClick={() => void app.tryNotification().then(setTried)}>{say("view.alerts.test")}</Button>
      {tried && (
        <div role="status">
          <ul class={css.tried}>
            {told(tried).map((line) => (
              <li key={line}>{line}</li>
            ))}
          </ul>
        </div>
      )}
    </section>
  );
}

// Here is what stands between this browser and a notification.
function Here({ app }: { readonly app: App }) {
  const s = app.settings.value;
  switch (app.popups.value) {
    case "none":
      return null;
    case "denied":
      return <p class={css.about}>{say("view.settings.popups.denied")}</p>;
    case "ask":
      return <Button onClick={() => void app.allowPopups()}>{say("view.settings.popups.allow")}</Button>;
    default:
      return (
        <Switch on={s.popups} label={say("view.settings.popups.on")} flip={(popups) => app.setSettings({ popups })} />
      );
  }
}

// Away is when a device that nobody touches is no longer the one to speak.
function Away({ after, change }: { readonly after: number; readonly change: (seconds: number) => void }) {
  const times = [60, 180, 300] as const;
  return (
    <div class={css.choice}>
      <Pick
        label={say("view.alerts.away")}
        value={String(times.find((t) => t === after) ?? 60)}
        onPick={(picked) => change(Number(picked))}
        of={times.map((t) => [String(t), say("view.alerts.away.after", { n: t / 60 })] as const)}
      />
      <p class={css.about}>{say("view.alerts.away.about")}</p>
    </div>
  );
}

// Stay is for how long a notification is there, where the system heeds that. A browser only knows its own time, and none
// at all.
function Stay({ app }: { readonly app: App }) {
  const tray = app.native.value.includes("notify");
  const lengths = tray ? (["", "short", "long", "until"] as const) : (["", "until"] as const);
  if (tray && app.settings.value.ownTime) return null;
  const chosen = lengths.find((x) => x === (app.settings.value.stay ?? "")) ?? "";
  return (
    <div class={css.choice}>
      <Pick
        label={say("view.alerts.stay")}
        value={chosen}
        onPick={(picked) => app.setSettings({ stay: picked })}
        of={lengths.map((x) => [x, say(x ? `view.alerts.stay.${x}` : "view.alerts.stay.system")] as const)}
      />
      <p class={css.about}>{say(tray ? "view.alerts.stay.about" : "view.alerts.stay.browser")}</p>
    </div>
  );
}

interface SwitchProps {
  readonly on: boolean;
  readonly label: string;
  readonly flip: (on: boolean) => void;
}

export function Switch({ on, label, flip }: SwitchProps) {
  return (
    <label class={css.switch}>
      <input type="checkbox" checked={on} onChange={(e) => flip(e.currentTarget.checked)} />
      {label}
    </label>
  );
}

// told explains what the system does with a notification.
function told(t: Tried): readonly string[] {
  if (!t.shown) return [say(t.service === "" ? "view.alerts.test.none" : "view.alerts.test.denied")];
  const out = [
    t.service === "browser" ? say("view.alerts.test.browser") : say("view.alerts.test.service", { name: t.service }),
    say(t.click ? "view.alerts.test.click" : "view.alerts.test.noClick"),
  ];
  if (t.reply) out.push(say("view.alerts.test.reply"));
  if (!t.withdraw) out.push(say("view.alerts.test.stays"));
  if (!t.stay) out.push(say("view.alerts.test.noStay"));
  if (t.held) out.push(say("view.alerts.test.held"));
  if (t.off) out.push(say(`view.alerts.test.${t.off}`));
  if (!t.held) out.push(say("view.alerts.test.unseen"));
  return out;
}
