// bring sends a large file and tells how far it has come, which fetch does not.
import type { Fault } from "../../gen/protocol.ts";
import type { Outcome } from "../../state/parts.ts";

const patience = 60_000; // without anything going out

export function bring<T>(
  path: string,
  file: Blob,
  moved: (part: number) => void,
  signal: AbortSignal,
): Promise<Outcome<T>> {
  return new Promise((done) => {
    const x = new XMLHttpRequest();
    const lost = (): void => done({ error: { code: "unavailable", message: "" } });
    let rest = setTimeout(() => x.abort(), patience);
    x.open("POST", `api/v1/${path}`);
    x.setRequestHeader("Accept", "application/json");
    x.setRequestHeader("Content-Type", "application/zip");
    x.upload.onprogress = (e) => {
      clearTimeout(rest);
      // When all is out the server still proves it; that may take longer than a minute on a slow disk.
      if (e.loaded < e.total) rest = setTimeout(() => x.abort(), patience);
      moved(e.total ? e.loaded / e.total : 0);
    };
    x.onloadend = () => clearTimeout(rest);
    x.onload = () => {
      try {
        const answer = JSON.parse(x.responseText) as T & { readonly error?: Fault };
        done(x.status === 200 ? { data: answer } : { error: answer.error ?? { code: "unavailable", message: "" } });
      } catch {
        lost(); // a proxy's own page
      }
    };
    x.onerror = lost;
    x.onabort = lost;
    signal.addEventListener("abort", () => x.abort(), { once: true });
    x.send(file);
  });
}
