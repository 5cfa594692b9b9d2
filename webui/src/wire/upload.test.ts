import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { base64, Stopped, type UploadParts, upload } from "./upload.ts";

// What the server answers next, and what it was asked.
type Said = { status: number; head?: Record<string, string>; body?: string };
let answers: Said[];
let asked: string[];

const next = (line: string): Said => {
  asked.push(line);
  const said = answers.shift();
  if (!said) throw new Error(`nobody answers ${line}`);
  return said;
};

class Sent {
  status = 0;
  responseText = "";
  upload: { onprogress?: (e: { loaded: number }) => void } = {};
  onload = (): void => {};
  onerror = (): void => {};
  onabort = (): void => {};
  private line = "";
  open(method: string, url: string): void {
    this.line = `${method} ${url}`;
  }
  setRequestHeader(name: string, value: string): void {
    if (name === "Upload-Offset") this.line += ` at ${value}`;
  }
  abort(): void {
    this.onabort();
  }
  send(part: Blob): void {
    queueMicrotask(() => {
      try {
        const { status, body = "" } = next(`${this.line}, ${part.size} bytes`);
        this.status = status;
        this.responseText = body;
        this.upload.onprogress?.({ loaded: part.size });
        this.onload();
      } catch {
        this.onerror();
      }
    });
  }
}

beforeEach(() => {
  answers = [];
  asked = [];
  vi.stubGlobal("XMLHttpRequest", Sent);
  vi.stubGlobal("fetch", async (url: string, init: RequestInit) => {
    const { status, head = {}, body } = next(`${init.method} ${url}`);
    return new Response(status === 204 || init.method === "HEAD" ? null : (body ?? ""), { status, headers: head });
  });
  vi.stubGlobal("addEventListener", () => {});
  vi.stubGlobal("removeEventListener", () => {});
});
afterEach(() => vi.unstubAllGlobals());

const parts = (more: Partial<UploadParts> = {}): UploadParts => ({
  file: new Blob(["12345678"]),
  name: "보고서.txt",
  room: "r1",
  id: null,
  began: vi.fn(),
  moved: vi.fn(),
  held: vi.fn(),
  awake: async () => true,
  signal: new AbortController().signal,
  ...more,
});
const made = { status: 201, head: { Location: "/api/v1/uploads/f1" } };
const at = (n: number): Said => ({ status: 200, head: { "Upload-Offset": String(n) } });
const refused = (code: string, field?: string): string => JSON.stringify({ error: { code, message: "", field } });

test("a file goes up whole, and one that was cut off goes on where it was", async () => {
  answers = [made, at(0), { status: 204 }];
  const p = parts();
  expect(await upload(p)).toEqual({ id: "f1" });
  expect(p.began).toHaveBeenCalledWith("f1");
  answers = [at(5), { status: 204 }];
  expect(await upload(parts({ id: "f1" }))).toEqual({ id: "f1" });
  expect(asked.slice(3)).toEqual(["HEAD api/v1/uploads/f1", "PATCH api/v1/uploads/f1 at 5, 3 bytes"]);
});

test("one whose last answer was lost asks whether it has arrived, and sends nothing twice", async () => {
  answers = [at(8)];
  expect(await upload(parts({ id: "f1" }))).toEqual({ id: "f1" });
  expect(asked).toEqual(["HEAD api/v1/uploads/f1"]);
});

test("why it is refused is heard from an answer without a body, too", async () => {
  for (const [said, code, field] of [
    ["forbidden virus", "forbidden", "virus"],
    ["unavailable scanner", "unavailable", "scanner"],
    ["too_large size", "too_large", "size"],
  ]) {
    answers = [{ status: 503, head: { "Sendjay-Refusal": said ?? "" } }];
    expect(await upload(parts({ id: "f1" }))).toEqual({ error: { code, message: "", field } });
  }
});

test("a no of something in between is waited out", async () => {
  const stop = new AbortController();
  answers = [{ status: 403 }];
  const p = parts({ id: "f1", held: vi.fn(() => stop.abort()), signal: stop.signal });
  await expect(upload(p)).rejects.toBeInstanceOf(Stopped);
  expect(p.held).toHaveBeenCalledOnce();
});

test("bytes that arrived changed are sent again, from where the server is", async () => {
  answers = [made, at(0), { status: 460, body: refused("bad_request", "checksum") }, at(0), { status: 204 }];
  expect(await upload(parts())).toEqual({ id: "f1" });
});

test("one that the server has given up is begun anew, and not for ever", async () => {
  answers = [{ status: 404, head: { "Sendjay-Refusal": "not_found file" } }, made, at(0), { status: 204 }];
  expect(await upload(parts({ id: "old" }))).toEqual({ id: "f1" });
  const gone = { status: 404, head: { "Sendjay-Refusal": "not_found file" } };
  answers = [gone, made, gone, made, gone];
  expect(await upload(parts({ id: "old" }))).toMatchObject({ error: { code: "not_found" } });
});

test("without a line it waits and says so, and stops when it is told to", async () => {
  const stop = new AbortController();
  const p = parts({ held: () => stop.abort(), signal: stop.signal });
  await expect(upload(p)).rejects.toBeInstanceOf(Stopped);
});

test("names of any script come through", () => {
  expect(new TextDecoder().decode(Uint8Array.from(atob(base64("한글 👩‍👧.txt")), (c) => c.charCodeAt(0)))).toBe(
    "한글 👩‍👧.txt",
  );
});
