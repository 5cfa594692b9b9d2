// Enrol stands in front of everything while the company's rules demand a second factor and there is none.
import type { App } from "../state/app.ts";
import { say } from "../text/say.ts";
import { Button } from "../ui/Controls.tsx";
import { FactorPart } from "./FactorPart.tsx";
import { Page } from "./SignIn.tsx";
import css from "./signin.module.css";

export function Enrol({ app }: { readonly app: App }) {
  return (
    <Page app={app}>
      <div class={css.form}>
        <p class={css.say}>{say("view.factor.demanded")}</p>
        <FactorPart app={app} done={() => app.enrolled()} />
        <Button wide onClick={() => void app.signOut()}>
          {say("view.settings.signOut")}
        </Button>
      </div>
    </Page>
  );
}
