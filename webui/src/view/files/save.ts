// Save brings a file to the person's downloads: by the tray where there is one, else by the browser.
import type { ErrorCode, FileInfo, Refused } from "../../gen/protocol.ts";
import type { App } from "../../state/app.ts";
import { address } from "./facts.ts";

export function save(app: App, f: FileInfo): void {
  if (app.native.peek().includes("download")) {
    void byTray(`${address(f)}?save`, f.name);
    return;
  }
  click(`${address(f)}?save`, f.name);
}

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
