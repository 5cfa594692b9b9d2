// Save brings a file to the person's downloads: by the tray where there is one, else by the browser.
import type { ErrorCode, FileInfo, Refused } from "../../gen/protocol.ts";
import type { App } from "../../state/app.ts";
import { say } from "../../text/say.ts";
import { note } from "../place.ts";
import { address } from "./facts.ts";

export function save(app: App, f: FileInfo): void {
  if (app.native.peek().includes("download")) {
    void byTray(`${address(f)}?save`, f.name).then((bad) => {
      if (bad) note(failed());
    });
    return;
  }
  void byBrowser(app, `${address(f)}?save`, f.name);
}

// byBrowser asks first: what a browser says of a download that cannot be had, nobody understands.
async function byBrowser(app: App, path: string, name: string): Promise<void> {
  const look = () => fetch(path, { method: "HEAD", credentials: "same-origin" }).catch(() => null);
  let answer = await look();
  if (answer?.status === 401 && (await app.awake())) answer = await look();
  if (answer?.ok) return click(path, name);
  note(answer?.status === 404 ? say("view.download.why.gone") : failed());
}

const failed = () => say("view.download.failed", { why: say("view.download.why.other") });

// byTray has the tray fetch what the server has at path; it says how that goes. Null once it has begun.
export async function byTray(path: string, name: string): Promise<ErrorCode | null> {
  try {
    const answer = await fetch("edge/v1/downloads", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ path, name }),
    });
    if (answer.ok) return null;
    return ((await answer.json()) as Refused).error.code;
  } catch {
    return "unavailable";
  }
}

// give hands the person a file that the page made.
export function give(file: Blob, name: string): void {
  const at = URL.createObjectURL(file);
  click(at, name);
  setTimeout(() => URL.revokeObjectURL(at), 60_000); // the browser has begun by then
}

function click(href: string, name: string): void {
  const a = document.createElement("a");
  a.href = href;
  a.download = name;
  a.click();
}
