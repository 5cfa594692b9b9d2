// View is what the phase of the program looks like. It puts the theme on the page.
import "../ui/tokens.css";
import "../ui/base.css";
import { effect } from "@preact/signals";
import { render } from "preact";
import { useEffect } from "preact/hooks";
import type { App } from "../state/app.ts";
import { fetchLater } from "./later.ts";
import { Shell } from "./Shell.tsx";
import { ChangePassword, SignIn } from "./SignIn.tsx";
import { Waiting } from "./Waiting.tsx";
import { watchToday } from "./when.ts";

export function mount(app: App, root: HTMLElement): void {
  effect(() => {
    const { theme } = app.settings.value;
    if (theme === "system") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
  });
  render(<View app={app} />, root);
  // The words are on the screen before their font is asked for.
  requestAnimationFrame(() => {
    void import("../ui/font.ts");
    setTimeout(fetchLater);
  });
}

function View({ app }: { readonly app: App }) {
  useEffect(watchToday, []);
  switch (app.phase.value) {
    case "starting":
      return <Waiting />;
    case "signin":
      return <SignIn app={app} />;
    case "ready":
      return app.me.value?.mustChange ? <ChangePassword app={app} /> : <Shell app={app} />;
  }
}
