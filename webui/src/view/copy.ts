// copy puts a text into the clipboard and says so.
import { say } from "../text/say.ts";
import { note } from "./place.ts";

export function copy(text: string): void {
  const done = (): void => note(say("view.copied"));
  if (navigator.clipboard) {
    navigator.clipboard.writeText(text).then(done, () => note(say("view.copyFailed")));
    return;
  }
  // Without TLS there is no clipboard but the old one.
  const box = document.createElement("textarea");
  box.value = text;
  box.style.position = "fixed";
  document.body.append(box);
  box.select();
  const copied = document.execCommand("copy");
  box.remove();
  if (copied) done();
  else note(say("view.copyFailed"));
}
