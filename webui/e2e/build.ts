// Builds the page and the server under test, once for all files.
import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";

export const root = join(import.meta.dirname, "../..");
export const program = join(root, "build/e2e/sendjay-server");
export const trayProgram = join(root, "build/e2e/sendjay");
export const screens = join(root, "build/screens");

export default function setup(): void {
  mkdirSync(join(root, "build/e2e"), { recursive: true });
  mkdirSync(screens, { recursive: true });
  execFileSync("npm", ["run", "--silent", "build"], {
    cwd: join(root, "webui"),
    stdio: ["ignore", "ignore", "inherit"],
    // What runs the tests says "test", which would build another page than people get: larger and slower.
    env: { ...process.env, NODE_ENV: "production" },
  });
  // As make build does it: then the cache has all but the linking.
  for (const [to, from] of [
    [program, "./server"],
    [trayProgram, "./desktop/tray"],
  ] as const) {
    execFileSync("go", ["build", "-trimpath", "-ldflags", "-s -w", "-o", to, from], {
      cwd: root,
      stdio: "inherit",
      env: { ...process.env, CGO_ENABLED: "0" },
    });
  }
}
