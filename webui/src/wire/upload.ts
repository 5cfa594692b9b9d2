// One upload by the tus protocol (https://tus.io): piece by piece, each with its checksum, going on where it was cut
// off. It does not know rooms' contents, nor what becomes of the file.
import type { ErrorCode, Fault } from "../gen/protocol.ts";
import { faultOf } from "./http.ts";

const base = "api/v1/uploads/";
const piece = 8 * 1024 * 1024;
const patience = 60_000; // for one piece to bring nothing
const firstWait = 1000;
const lastWait = 20_000;

export interface UploadParts {
  readonly file: Blob;
  readonly name: string;
  readonly room: string;
  readonly id: string | null; // of an upload begun earlier
  readonly began: (id: string) => void; // to be kept, so that a reload goes on
  readonly moved: (bytes: number) => void;
  readonly held: () => void; // it waits, and tries again by itself
  readonly awake: () => Promise<boolean>; // fresh tokens
  readonly signal: AbortSignal;
}

// What no trying again mends.
const final: readonly ErrorCode[] = ["too_large", "forbidden", "bad_request", "internal"];

export class Stopped extends Error {}

// upload returns the id of the whole file, or why it cannot be had. It tries on until the signal stops it.
export async function upload(p: UploadParts): Promise<{ id: string } | { error: Fault }> {
  let id = p.id;
  let wait = firstWait;
  let lost = 0; // how often the server did not know the upload
  let bent = 0; // pieces that arrived changed
  for (;;) {
    try {
      if (id === null) {
        id = await begin(p);
        p.began(id);
      }
      await bytes(p, id);
      return { id };
    } catch (e) {
      if (p.signal.aborted) throw new Stopped();
      const fault = e instanceof Refusal ? e.fault : ({ code: "unavailable", message: "" } satisfies Fault);
      if (fault.code === "unauthenticated" && (await p.awake())) continue;
      if (fault.field === "checksum" && ++bent < 5) continue;
      if (fault.code === "not_found" && id !== null && ++lost < 3) {
        id = null; // given up by the server meanwhile: begin anew
        continue;
      }
      if (fault.code === "not_found" || (fault.code === "unavailable" && fault.field) || final.includes(fault.code)) {
        return { error: fault };
      }
      p.held();
      await pause(wait, p.signal);
      wait = Math.min(wait * 2, lastWait);
    }
  }
}

// drop tells the server that an upload is given up; its bytes go. Nobody waits for it.
export function drop(id: string): void {
  void fetch(base + id, { method: "DELETE", headers: tus, credentials: "same-origin", keepalive: true }).catch(
    () => {},
  );
}

const tus = { "Tus-Resumable": "1.0.0" };

class Refusal extends Error {
  constructor(readonly fault: Fault) {
    super(fault.code);
  }
}

async function begin(p: UploadParts): Promise<string> {
  const answer = await fetch(base, {
    method: "POST",
    headers: {
      ...tus,
      "Upload-Length": String(p.file.size),
      "Upload-Metadata": `room ${base64(p.room)},name ${base64(p.name)}`,
    },
    credentials: "same-origin",
    signal: p.signal,
  });
  const id = answer.headers.get("Location")?.split("/").at(-1);
  if (answer.status === 201 && id) return id;
  throw new Refusal(faultOf(await answer.text(), answer.status));
}

async function bytes(p: UploadParts, id: string): Promise<void> {
  const head = await fetch(base + id, { method: "HEAD", headers: tus, credentials: "same-origin", signal: p.signal });
  if (!head.ok) throw new Refusal(faultOfHead(head));
  let at = Number(head.headers.get("Upload-Offset") ?? 0);
  p.moved(at);
  while (at < p.file.size || at === 0) {
    const part = p.file.slice(at, at + piece);
    await send(p, id, at, part, await sum(part));
    at += part.size;
    p.moved(at);
    if (p.file.size === 0) return;
  }
}

// An answer to HEAD has no body: code and field stand in its head. A no without them is not the server's, but that of a
// tray or a proxy in between, which may be another one in a moment.
function faultOfHead(answer: Response): Fault {
  const [code, field] = (answer.headers.get("Sendjay-Refusal") ?? "").split(" ");
  const message = "";
  if (!code) {
    const f = faultOf("", answer.status);
    return f.code === "bad_request" ? { code: "unavailable", message } : f;
  }
  return faultOf(JSON.stringify({ error: field ? { code, message, field } : { code, message } }), answer.status);
}

// Only pages from https, and from this computer, may compute sums; without one the whole file's is the server's.
async function sum(part: Blob): Promise<string | null> {
  if (!crypto.subtle) return null;
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", await part.arrayBuffer()));
  return `sha256 ${btoa(String.fromCharCode(...hash))}`;
}

// A request of its own kind, because fetch does not tell how far it has come.
function send(p: UploadParts, id: string, at: number, part: Blob, sumLine: string | null): Promise<void> {
  return new Promise((done, fail) => {
    const x = new XMLHttpRequest();
    let rest: ReturnType<typeof setTimeout> | undefined;
    const stir = (): void => {
      clearTimeout(rest);
      rest = setTimeout(() => x.abort(), patience);
    };
    const stop = (): void => x.abort();
    const end = (): void => {
      clearTimeout(rest);
      p.signal.removeEventListener("abort", stop);
    };
    x.open("PATCH", base + id);
    x.setRequestHeader("Tus-Resumable", "1.0.0");
    x.setRequestHeader("Upload-Offset", String(at));
    x.setRequestHeader("Content-Type", "application/offset+octet-stream");
    if (sumLine) x.setRequestHeader("Upload-Checksum", sumLine);
    x.upload.onprogress = (e) => {
      stir();
      p.moved(at + e.loaded);
    };
    x.onload = () => {
      end();
      if (x.status === 204) done();
      else fail(new Refusal(faultOf(x.responseText, x.status)));
    };
    x.onerror = x.onabort = () => {
      end();
      fail(new Error("cut off"));
    };
    p.signal.addEventListener("abort", stop);
    stir();
    x.send(part);
  });
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((done, fail) => {
    if (signal.aborted) return fail(new Stopped());
    const wake = (): void => {
      clearTimeout(timer);
      removeEventListener("online", wake);
      done();
    };
    const timer = setTimeout(wake, ms);
    addEventListener("online", wake);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      removeEventListener("online", wake);
      fail(new Stopped());
    });
  });
}

// base64 of any text, as tus wants it.
export function base64(text: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}
