// A House is one real server with people in it. It can be killed and started again on the same data and port.
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { program } from "./build.ts";

export const password = "paper-bird-7";

export class House {
  private server: ChildProcess | null = null;
  private said = "";
  private constructor(
    readonly dir: string,
    readonly port: number,
    private readonly more: readonly string[],
  ) {}

  // more are further settings of the server.
  // Settings that name the house itself are made from its address.
  static async open(
    people: Readonly<Record<string, string>>,
    ...more: (string | ((home: string) => readonly string[]))[]
  ): Promise<House> {
    const port = await freePort();
    const settings = more.flatMap((m) => (typeof m === "string" ? [m] : m(`http://127.0.0.1:${port}`)));
    const house = new House(mkdtempSync(join(tmpdir(), "sendjay-e2e-")), port, settings);
    for (const [id, name] of Object.entries(people)) house.add(id, name);
    await house.start();
    return house;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  add(id: string, name: string, ...more: string[]): void {
    execFileSync(program, ["user", "add", id, "--name", name, "--data", this.dir, "--password-stdin", ...more], {
      input: `${password}\n`,
      stdio: ["pipe", "ignore", "pipe"],
    });
  }

  // employ makes two tables true: that of the units, and that of the people.
  employ(units: string, people: string): void {
    const feed = (...words: string[]): string =>
      execFileSync(program, ["feed", ...words, "--data", this.dir, "--json"], { encoding: "utf8" });
    const put = (table: string): string => {
      const file = join(this.dir, "delivery.csv");
      writeFileSync(file, table);
      return (JSON.parse(feed("put", file)) as { key: string }).key;
    };
    const key = put(units);
    feed("force", key, put(people));
  }

  async start(): Promise<void> {
    const own = ["--listen", `127.0.0.1:${this.port}`, "--data", this.dir, "--rate-limits", "off"];
    if (!this.more.some((m) => m.startsWith("--preview"))) own.push("--previews", "off"); // tests ask nobody
    const server = spawn(program, [...own, ...this.more], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.server = server;
    server.stdout?.on("data", (b) => (this.said += b));
    server.stderr?.on("data", (b) => (this.said += b));
    await until("the server to be ready", async () => {
      if (server.exitCode !== null) throw new Error(`the server ended:\n${this.said}`);
      return (await fetch(`${this.url}/readyz`).catch(() => null))?.ok === true;
    });
  }

  // up starts the server unless it runs: a test that failed in the middle may have left it dead.
  async up(): Promise<void> {
    if (!this.server || this.server.exitCode !== null || this.server.signalCode !== null) await this.start();
  }

  // kill ends the server as a power cut would.
  async kill(): Promise<void> {
    const server = this.server;
    this.server = null;
    if (!server || server.exitCode !== null || server.signalCode !== null) return;
    const gone = new Promise((done) => server.once("exit", done));
    server.kill("SIGKILL");
    await gone;
  }

  async close(): Promise<void> {
    await this.kill();
    rmSync(this.dir, { recursive: true, force: true });
  }

  // as signs somebody in on a device that shows no page, so that it replaces none.
  async as(id: string): Promise<Caller> {
    const answer = await fetch(`${this.url}/api/v1/auth/login`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ userId: id, password, device: "mobile" }),
    });
    const { accessToken } = (await answer.json()) as { accessToken: string };
    return new Caller(this.url, accessToken);
  }

  // sockets is the number of live connections, as the server counts them.
  async sockets(): Promise<number> {
    const text = await (await fetch(`${this.url}/metrics`)).text();
    const line = /^sendjay_sockets_open(?:\{[^}]*\})? (\d+)/m.exec(text);
    if (!line) throw new Error(`no connections in the metrics`);
    return Number(line[1]);
  }
}

export class Caller {
  constructor(
    private readonly url: string,
    private readonly token: string,
  ) {}

  async command<T>(op: string, data: unknown): Promise<T> {
    return this.ask<T>("POST", `/api/v1/commands/${op}`, data);
  }
  async get<T>(path: string): Promise<T> {
    return this.ask<T>("GET", path);
  }
  async room(members: readonly string[], title?: string): Promise<string> {
    const made = await this.command<{ room: { id: string } }>("room.create", { members, ...(title ? { title } : {}) });
    return made.room.id;
  }
  async say(room: string, body: string): Promise<{ id: string; seq: number }> {
    return this.command("message.send", { id: randomUUID(), room, type: "talk", body });
  }
  async messages(room: string): Promise<readonly { seq: number; body: string; sender: string; unread: number }[]> {
    return (await this.get<{ messages: [] }>(`/api/v1/rooms/${room}/messages?limit=100`)).messages;
  }

  async ask<T>(method: string, path: string, data?: unknown): Promise<T> {
    const answer = await fetch(this.url + path, {
      method,
      headers: { authorization: `Bearer ${this.token}`, "content-type": "application/json" },
      ...(data === undefined ? {} : { body: JSON.stringify(data) }),
    });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as T;
  }
}

// until asks again and again, with a deadline, never for a fixed time.
export async function until(what: string, holds: () => Promise<boolean> | boolean, within = 15_000): Promise<void> {
  const end = Date.now() + within;
  for (;;) {
    if (await holds()) return;
    if (Date.now() > end) throw new Error(`waited ${within} ms in vain for ${what}`);
    await new Promise((done) => setTimeout(done, 25));
  }
}

export async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((done) => probe.listen(0, "127.0.0.1", done));
  const at = probe.address();
  await new Promise((done) => probe.close(done));
  if (at === null || typeof at === "string") throw new Error("no port");
  return at.port;
}
