// A Desk is one PC with the real tray, whose window a test's browser shows in place of a web view. There is no panel
// and no notification service on it. It can be killed and started again with what it keeps.
import { type ChildProcess, spawn } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { trayProgram } from "./build.ts";
import { until } from "./house.ts";

export class Desk {
  private readonly dir = mkdtempSync(join(tmpdir(), "sendjay-desk-"));
  private tray: ChildProcess | null = null;
  private said = "";

  constructor(
    private readonly server: string,
    private readonly env: Record<string, string> = {},
  ) {
    mkdirSync(join(this.dir, "run"), { mode: 0o700 });
    // A window that only writes down what it is told.
    writeFileSync(join(this.dir, "window"), `#!/bin/sh\necho ready\necho "$@" > "$0.told"\nexec cat >> "$0.told"\n`);
    chmodSync(join(this.dir, "window"), 0o700);
  }

  // start starts the tray and returns the link that it hands to its window; it is good for once.
  async start(): Promise<string> {
    await this.kill();
    const told = join(this.dir, "window.told");
    rmSync(told, { force: true });
    const tray = spawn(trayProgram, ["--server", this.server, "--window", join(this.dir, "window")], {
      env: {
        PATH: process.env["PATH"],
        HOME: this.dir,
        XDG_RUNTIME_DIR: join(this.dir, "run"),
        LANG: "ko_KR.UTF-8",
        ...this.env,
      },
      stdio: ["ignore", "ignore", "pipe"],
    });
    this.tray = tray;
    tray.stderr?.on("data", (b) => (this.said += b));
    let link = "";
    await until("a window to open", () => {
      if (tray.exitCode !== null) throw new Error(`the tray ended:\n${this.said}`);
      link = (existsSync(told) && /^load (\S+)$/m.exec(readFileSync(told, "utf8"))?.[1]) || "";
      return link !== "";
    });
    return link;
  }

  // asked is how the window was started.
  asked(): string {
    return readFileSync(join(this.dir, "window.told"), "utf8").split("\n")[0] ?? "";
  }

  async kill(): Promise<void> {
    const tray = this.tray;
    this.tray = null;
    if (!tray || tray.exitCode !== null) return;
    const gone = new Promise((done) => tray.once("exit", done));
    tray.kill("SIGKILL");
    await gone;
  }

  async close(): Promise<void> {
    await this.kill();
    rmSync(this.dir, { recursive: true, force: true });
  }
}
