// Presence shows whether somebody is there: a dot at the picture, and a mark for each device beside the name.
// Whoever is shown is watched for as long as he is shown.
import { useEffect } from "preact/hooks";
import type { Presence as How, Level, UserID } from "../gen/protocol.ts";
import type { App } from "../state/app.ts";
import { say } from "../text/say.ts";
import { Icon, type IconName } from "../ui/Icon.tsx";
import css from "./presence.module.css";

const kinds = [
  ["desktop", "monitor"],
  ["web", "globe"],
  ["mobile", "smartphone"],
] as const satisfies readonly (readonly [keyof How, IconName])[];

// usePresence watches somebody and returns how he is; undefined while that is not known.
export function usePresence(app: App, user: UserID | undefined): How | undefined {
  const live = app.live.value;
  useEffect(() => (user && live ? live.watch(user) : undefined), [live, user]);
  return user && live ? live.present(user).value : undefined;
}

const levelOf = (p: How | undefined): Level | undefined =>
  p && (kinds.some(([k]) => p[k] === "online") ? "online" : kinds.some(([k]) => p[k]) ? "away" : undefined);

// Dot stands at the corner of a picture. `silent` leaves the words to somebody else.
export function Dot({ app, user, silent }: { readonly app: App; readonly user: UserID; readonly silent?: boolean }) {
  const level = levelOf(usePresence(app, user));
  if (!level) return null;
  return (
    <span class={level === "online" ? css.online : css.away} data-presence={level}>
      {!silent && <span class="heard">{say(`view.presence.${level}`)}</span>}
    </span>
  );
}

// Marks name the devices at which somebody is.
export function Marks({ app, user }: { readonly app: App; readonly user: UserID }) {
  const p = usePresence(app, user);
  if (!levelOf(p)) return null;
  return (
    <span class={css.marks}>
      {kinds.map(([kind, icon]) => {
        const level = p?.[kind];
        if (!level) return null;
        const label = say(`view.presence.${kind}`, { level: say(`view.presence.${level}`) });
        return (
          <span key={kind} class={css[level]} title={label} data-device={kind} data-level={level}>
            <Icon name={icon} size={14} />
            <span class="heard">{label}</span>
          </span>
        );
      })}
    </span>
  );
}
