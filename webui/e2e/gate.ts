// A Gate is a proxy of a company: it wants a name and a password, or what else it offers, and whatever name it is asked for, it
// leads to one server.
import { createServer, type IncomingMessage, request, type Server } from "node:http";
import { type AddressInfo, connect } from "node:net";
import type { Duplex } from "node:stream";

export class Gate {
  private readonly held = new Set<Duplex>();
  private constructor(private readonly server: Server) {}

  static async before(port: number, name: string, password: string, at = 0): Promise<Gate> {
    const want = `Basic ${Buffer.from(`${name}:${password}`).toString("base64")}`;
    return Gate.offering(port, [], (says) => says === want, at);
  }

  // offering asks with the ways that it offers, and is content with what takes holds for.
  static async offering(
    port: number,
    offers: readonly string[],
    takes: (says: string) => boolean,
    at = 0,
  ): Promise<Gate> {
    const content = (req: IncomingMessage) => takes(req.headers["proxy-authorization"] ?? "");
    const asks = offers.flatMap((o) => ["Proxy-Authenticate", o]);
    const server = createServer((req, res) => {
      if (!content(req)) {
        res.writeHead(407, asks).end();
        return;
      }
      const path = new URL(req.url ?? "/", "http://server").pathname + new URL(req.url ?? "/", "http://server").search;
      const up = request({ host: "127.0.0.1", port, method: req.method, path, headers: req.headers }, (answer) => {
        res.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
        answer.pipe(res);
      });
      up.on("error", () => res.headersSent || res.writeHead(502).end());
      res.on("close", () => up.destroy());
      req.pipe(up);
    });
    const proxy = new Gate(server);
    server.on("connect", (req, near) => {
      proxy.hold(near);
      if (!content(req)) {
        const lines = offers.map((o) => `Proxy-Authenticate: ${o}\r\n`).join("");
        near.end(
          `HTTP/1.1 407 Proxy Authentication Required\r\n${lines}Content-Length: 0\r\nConnection: close\r\n\r\n`,
        );
        return;
      }
      const far = connect(port, "127.0.0.1", () => near.write("HTTP/1.1 200 OK\r\n\r\n"));
      proxy.hold(far);
      far.on("close", () => near.destroy());
      near.on("close", () => far.destroy());
      far.pipe(near);
      near.pipe(far);
    });
    await new Promise<void>((listens) => server.listen(at, "127.0.0.1", listens));
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  private hold(line: Duplex): void {
    this.held.add(line);
    line.on("error", () => {});
    line.on("close", () => this.held.delete(line));
  }

  async close(): Promise<void> {
    for (const line of this.held) line.destroy();
    this.server.closeAllConnections();
    await new Promise((gone) => this.server.close(gone));
  }
}
