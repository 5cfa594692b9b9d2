// View is what the phase of the program looks like. It puts the theme on the page.
import "../ui/tokens.css";
import "../ui/base.css";
import { effect, signal } from "@preact/signals";
import { render } from "preact";
import { useEffect } from "preact/hooks";
import { entry } from "../platform/entry.ts";
import type { App } from "../state/app.ts";
import { fetchLater } from "./later.ts";
import { Shell } from "./Shell.tsx";
import { Waiting } from "./Waiting.tsx";
import { watchToday } from "./when.ts";

export function mount(app: App, root: HTMLElement): void {
  effect(() => {
    const { theme } = app.settings.value;
    document.documentElement.dataset.text = app.settings.value.text;
    document.documentElement.toggleAttribute("data-calm", app.native.value.includes("calm"));
    if (theme === "system") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
  });
  render(<View app={app} />, root);
  const stop = effect(() => {
    if (app.phase.value === "starting") return;
    queueMicrotask(() => stop());
    // The words are on the screen before their font is asked for.
    requestAnimationFrame(() =>
      setTimeout(() => {
        void import("../ui/font.ts");
        fetchLater();
      }),
    );
  });
}

// Most starts are of somebody who is signed in, so the other page is fetched when it is needed.
const signingIn = signal<typeof import("./signinparts.ts") | null>(null);

function fetchSignIn(): void {
  import("./signinparts.ts").then(
    (page) => {
      signingIn.value = page;
    },
    () => setTimeout(fetchSignIn, 3000), // without a line nobody signs in; with it, this comes too
  );
}

// The desktop application asks seldom.
const vouching = signal<typeof import("./Vouch.tsx") | null>(null);

function View({ app }: { readonly app: App }) {
  useEffect(watchToday, []);
  const phase = app.phase.value;
  const mustChange = app.me.value?.mustChange === true;
  const mustEnrol = app.me.value?.mustEnrol === true;
  const page = signingIn.value;
  const wanted = phase === "signin" || mustChange || mustEnrol;
  useEffect(() => {
    if (wanted && !signingIn.peek()) fetchSignIn();
  }, [wanted]);
  const { asked, vouched } = entry.value;
  const vouch = vouching.value;
  useEffect(() => {
    if (asked || vouched) void import("./Vouch.tsx").then((m) => (vouching.value = m));
  }, [asked, vouched]);
  if (vouched) return vouch ? <vouch.Vouched app={app} /> : <Waiting />;
  if (phase === "starting" || (wanted && !page)) return <Waiting />;
  if (page && phase === "signin") return <page.SignIn app={app} />;
  if (page && mustChange) return <page.ChangePassword app={app} />;
  if (page && mustEnrol) return <page.Enrol app={app} />;
  if (asked) return vouch ? <vouch.Vouch app={app} asked={asked} /> : <Waiting />;
  return <Shell app={app} />;
}
