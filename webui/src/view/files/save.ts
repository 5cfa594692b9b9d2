// Save brings a file to the person's downloads: by the tray where there is one, else by the browser.
import type { FileInfo } from "../../gen/protocol.ts";
import type { App } from "../../state/app.ts";
import { address } from "./facts.ts";

export function save(app: App, f: FileInfo): void {
  if (app.native.peek().includes("download")) {
    void fetch("edge/v1/downloads", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ file: f.id, name: f.name }),
    });
    return;
  }
  const a = document.createElement("a");
  a.href = `${address(f)}?save`;
  a.download = f.name;
  a.click();
}
