// Runs the end-to-end tests; files in which one failed run once more, with a new server and a new browser, since the
// machine is shared and what waits in vain for a processor says nothing of the page. A fault fails twice.
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { join, relative } from "node:path";

const results = join(import.meta.dirname, "../../build/e2e/results.json");

function run(files) {
  rmSync(results, { force: true });
  mkdirSync(join(results, ".."), { recursive: true });
  const more = ["--reporter=default", "--reporter=json", `--outputFile.json=${results}`];
  const ran = spawnSync("npx", ["vitest", "run", "--config", "e2e/vitest.config.ts", ...more, ...files], {
    cwd: join(import.meta.dirname, ".."),
    stdio: "inherit",
  });
  if (ran.status === 0) return [];
  const { testResults } = JSON.parse(readFileSync(results, "utf8"));
  return testResults.filter((r) => r.status !== "passed").map((r) => relative(import.meta.dirname, r.name));
}

const asked = process.argv.slice(2);
const failed = run(asked);
if (failed.length > 0) {
  process.stdout.write(`\n--- once more: ${failed.join(" ")} ---\n`);
  if (run(failed).length > 0) process.exit(1);
}
