// One question to the program that serves the page, which may be a tray or a server.
import type { Outcome } from "../state/parts.ts";
import { faultOf } from "../wire/http.ts";

// ask tells the tray from a server: only the tray answers these paths with JSON.
export async function ask<T>(fetcher: typeof fetch, path: string, init?: RequestInit): Promise<Outcome<T>> {
  try {
    const answer = await fetcher(path, { cache: "no-store", ...init });
    if (!answer.ok) return { error: faultOf(await answer.text(), answer.status) };
    if (answer.status !== 200 || !(answer.headers.get("Content-Type") ?? "").includes("json")) {
      return { error: { code: "not_found", message: "" } };
    }
    return { data: (await answer.json()) as T };
  } catch {
    return { error: { code: "unavailable", message: "" } };
  }
}
