// The live session over plain HTTP, where something on the way lets no WebSocket through: questions that the
// server answers when there is something. To the line it is a socket like any other.
import type { LineFrames } from "../gen/protocol.ts";
import type { Clock, Outcome } from "../state/parts.ts";
import type { Socket } from "./line.ts";

const together = 32; // frames in one request
const lost = 1006; // what a browser says of a WebSocket that went without a word
const soon = 1000; // between two tries of the same

export interface PlainHttp {
  // wait is a question that may take half a minute.
  wait<T>(path: string): Promise<Outcome<T>>;
  put<T>(path: string, body: unknown): Promise<Outcome<T>>;
  post<T>(path: string, body: unknown): Promise<Outcome<T>>;
  drop<T>(path: string): Promise<Outcome<T>>;
}

// onLeave calls when the page goes, unless what it returns is called before.
export type OnLeave = (run: () => void) => () => void;

export function plainSocket(http: PlainHttp, clock: Clock, id: string, onLeave: OnLeave): Socket {
  const path = `line/${id}`;
  let after = 0;
  let over = false;
  let posting = false;
  const out: string[] = [];
  const socket: Socket = { onmessage: null, onclose: null, send, close };

  function end(code: number): void {
    if (over) return;
    over = true;
    stay();
    socket.onclose?.({ code });
  }

  const pause = (ms: number): Promise<void> => new Promise((done) => void clock.after(ms, done));

  // again asks a second time where an answer was lost, and as often as it takes where we were too fast: nothing
  // counts twice at the server.
  async function again<T>(ask: () => Promise<Outcome<T>>): Promise<T | null> {
    for (let tries = 0; !over; ) {
      const answer = await ask();
      if (!answer.error) return answer.data;
      const { code, retryAfter } = answer.error;
      if (code !== "rate_limited" && (code !== "unavailable" || ++tries > 1)) return null;
      await pause(Math.max(soon, (retryAfter ?? 0) * 1000));
    }
    return null;
  }

  async function listen(): Promise<void> {
    let got = await again(() => http.put<LineFrames>(path, {}));
    while (got && !over) {
      const fresh = after - got.after;
      if (fresh < 0) break; // frames are missing
      const frames = got.frames.slice(fresh);
      after += frames.length;
      for (const data of frames) if (!over) socket.onmessage?.({ data });
      if (got.close) {
        end(got.close);
        return;
      }
      if (frames.length === 0 && got.after === 0 && after === 0) await pause(soon); // the hello is under way
      got = await again(() => http.wait<LineFrames>(`${path}?after=${after}`));
    }
    end(lost);
  }

  async function post(): Promise<void> {
    posting = true;
    while (out.length > 0 && !over) {
      const frames = out.splice(0, together);
      if (!(await again(() => http.post(path, { frames })))) end(lost);
    }
    posting = false;
  }

  function send(text: string): void {
    out.push(text);
    if (!posting) void post();
  }

  function close(): void {
    over = true;
    stay();
    void http.drop(path);
  }

  // A page that goes says so: else its session, and what the person is said to look at, would stay until it is missed.
  const stay = onLeave(() => {
    close();
    socket.onclose?.({ code: lost });
  });
  void listen();
  return socket;
}

const patience = 10_000;

// through carries one frame each way over a WebSocket that is no session, and says whether that worked.
export function through(dial: () => WebSocket, clock: Clock): Promise<boolean> {
  return new Promise((done) => {
    const socket = dial();
    const stop = clock.after(patience, () => settle(false));
    const settle = (good: boolean): void => {
      stop();
      socket.onmessage = null;
      socket.onclose = null;
      socket.close();
      done(good);
    };
    socket.onopen = () => socket.send("through?");
    socket.onmessage = (e) => settle(e.data === "through?");
    socket.onclose = () => settle(false);
  });
}
