// Questions over HTTP: the error shape, and one refresh of the tokens for all tabs at once. The
// tokens themselves are cookies that no script sees.
import type { ErrorCode, Fault, Refused } from "../gen/protocol.ts";
import { codes } from "../gen/protocol.ts";
import type { Http, Outcome } from "../state/parts.ts";
import type { PlainHttp } from "./plain.ts";

const base = "api/v1/";
const patience = 15_000;
const waiting = 30_000; // for a question that the server answers after 20 s at the latest
const refreshed = "sendjay.refreshed"; // the name of the last attempt that worked in any tab, in local storage

const ways = ["auth/login", "auth/kerberos"]; // in: who is refused there has no tokens to renew

const trying = "sendjay.attempt"; // the name of the one that is under way, so that tabs without locks agree too

export interface HttpParts {
  readonly fetch: (path: string, init: RequestInit) => Promise<Response>;
  // alone runs one thing at a time over all tabs.
  readonly alone: <T>(name: string, run: () => Promise<T>) => Promise<T>;
  readonly marks: Pick<Storage, "getItem" | "setItem">;
  readonly newId: () => string;
}

export function createHttp(parts: HttpParts): Http & PlainHttp {
  async function once<T>(method: string, path: string, body?: unknown, within = patience): Promise<Outcome<T>> {
    try {
      const answer = await parts.fetch(base + path, {
        method,
        headers: { Accept: "application/json", ...(body === undefined ? {} : { "Content-Type": typeOf(body) }) },
        ...(body === undefined ? {} : { body: body instanceof Blob ? body : JSON.stringify(body) }),
        cache: "no-store",
        credentials: "same-origin",
        keepalive: method === "DELETE", // also from a page that goes
        signal: AbortSignal.timeout(within),
      });
      const text = await answer.text();
      if (answer.ok) return { data: (text ? JSON.parse(text) : {}) as T };
      return { error: faultOf(text, answer.status) };
    } catch {
      // No line, no answer in time, or something in between that does not speak JSON.
      return { error: { code: "unavailable", message: "" } };
    }
  }

  // refresh returns null when the tokens are fresh. An attempt whose answer was lost is repeated under
  // its own name, so that the server does not take it for a stolen token.
  function refresh(before: string | null): Promise<ErrorCode | null> {
    return parts.alone("sendjay-refresh", async () => {
      if (parts.marks.getItem(refreshed) !== before) return null; // by somebody else meanwhile
      const attempt = parts.marks.getItem(trying) || parts.newId();
      parts.marks.setItem(trying, attempt);
      const answer = await once("POST", "auth/refresh", { refreshToken: "", attempt });
      if (answer.error && answer.error.code !== "unauthenticated") return answer.error.code;
      if (answer.data) parts.marks.setItem(refreshed, attempt);
      parts.marks.setItem(trying, "");
      return answer.error?.code ?? null;
    });
  }

  async function call<T>(method: string, path: string, body?: unknown, within = patience): Promise<Outcome<T>> {
    const before = parts.marks.getItem(refreshed);
    const first = await once<T>(method, path, body, within);
    if (first.error?.code !== "unauthenticated" || ways.includes(path)) return first;
    const bad = await refresh(before);
    if (bad) return { error: { code: bad, message: "" } };
    return once<T>(method, path, body, within);
  }

  return {
    get: (path) => call("GET", path),
    wait: (path) => call("GET", path, undefined, waiting),
    post: (path, body) => call("POST", path, body),
    put: (path, body) => call("PUT", path, body),
    send: (path, blob) => call("PUT", path, blob),
    drop: (path) => call("DELETE", path),
  };
}

const typeOf = (body: unknown): string =>
  body instanceof Blob ? body.type || "application/octet-stream" : "application/json";

// faultOf reads a refusal; what does not have its shape is judged by its status.
export function faultOf(text: string, status: number): Fault {
  try {
    const refused = JSON.parse(text) as Partial<Refused>;
    if (refused.error && codes.includes(refused.error.code)) return refused.error;
  } catch {
    // A proxy's own page: the status has to do.
  }
  if (status === 401) return { code: "unauthenticated", message: "" };
  if (status === 404) return { code: "not_found", message: "" };
  if (status === 429) return { code: "rate_limited", message: "" };
  return { code: status >= 500 ? "unavailable" : "bad_request", message: "" };
}
