// A Box is what stands between a browser and the server in some networks: it passes HTTP on, and has its own mind
// about WebSockets.
import { createServer, request, type Server } from "node:http";
import { type AddressInfo, connect } from "node:net";
import type { Duplex } from "node:stream";
import type { House } from "./house.ts";

// refuses: with a page of its own; eats: lets the upgrade through and no frame after it.
export type Mode = "passes" | "refuses" | "hangs" | "eats";

export class Box {
  upgrades = 0;
  private readonly held = new Set<Duplex>();
  private constructor(
    readonly house: House,
    private readonly server: Server,
    private mode: Mode,
  ) {}

  static async before(house: House, mode: Mode): Promise<Box> {
    const server = createServer((req, res) => {
      const up = request(
        { host: "127.0.0.1", port: house.port, method: req.method, path: req.url, headers: req.headers },
        (answer) => {
          res.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
          answer.pipe(res);
        },
      );
      up.on("error", () => res.headersSent || res.writeHead(502).end());
      res.on("close", () => up.destroy());
      req.pipe(up);
    });
    await new Promise<void>((listens) => server.listen(0, "127.0.0.1", listens));
    const port = (server.address() as AddressInfo).port;
    const behind = Object.create(house, { url: { value: `http://127.0.0.1:${port}` } }) as House;
    const box = new Box(behind, server, mode);
    server.on("upgrade", (req, socket) => {
      box.upgrades++;
      box.hold(socket);
      if (box.mode === "hangs") return;
      if (box.mode === "refuses") {
        socket.end("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        return;
      }
      const far = connect(house.port, "127.0.0.1");
      box.hold(far);
      const head = req.rawHeaders.map((h, i) => (i % 2 === 0 ? `${h}: ` : `${h}\r\n`)).join("");
      far.write(`${req.method} ${req.url} HTTP/1.1\r\n${head}\r\n`);
      far.on("close", () => socket.destroy());
      socket.on("close", () => far.destroy());
      if (box.mode === "passes") {
        far.pipe(socket).pipe(far);
        return;
      }
      let answer = "";
      far.on("data", (b: Buffer) => {
        if (answer.endsWith("\r\n\r\n")) return;
        answer += b.toString("latin1");
        const end = answer.indexOf("\r\n\r\n");
        if (end < 0) return;
        answer = answer.slice(0, end + 4);
        socket.write(answer, "latin1");
      });
      socket.resume();
    });
    return box;
  }

  set(mode: Mode): void {
    this.mode = mode;
  }

  async close(): Promise<void> {
    for (const s of this.held) s.destroy();
    this.server.closeAllConnections();
    await new Promise<void>((done) => this.server.close(() => done()));
  }

  private hold(socket: Duplex): void {
    this.held.add(socket);
    socket.on("error", () => {}); // the other side went
    socket.on("close", () => this.held.delete(socket));
  }
}
