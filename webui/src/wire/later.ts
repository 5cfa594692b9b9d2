import type { Socket } from "./line.ts";

// later stands for a socket that is still being fetched.
export function later(fetch: () => Promise<Socket>): Socket {
  const held: string[] = [];
  let real: Socket | null = null;
  let closed = false;
  const socket: Socket = {
    onmessage: null,
    onclose: null,
    send(text) {
      if (real) real.send(text);
      else held.push(text);
    },
    close(code) {
      closed = true;
      real?.close(code);
    },
  };
  fetch().then(
    (it) => {
      real = it;
      it.onmessage = (e) => socket.onmessage?.(e);
      it.onclose = (e) => socket.onclose?.(e);
      for (const text of held) it.send(text);
      if (closed) it.close();
    },
    () => socket.onclose?.({ code: 1006 }),
  );
  return socket;
}
