// Asks axe what it finds wrong with a page. Serious and critical findings count.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Page } from "playwright-core";
import { settled } from "./settled.ts";

const source = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

interface Finding {
  readonly id: string;
  readonly impact: string | null;
  readonly help: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
}

export async function findings(page: Page): Promise<readonly string[]> {
  await settled(page);
  await page.evaluate(source);
  const found = await page.evaluate(async () => {
    const axe = (globalThis as unknown as { axe: { run(o: object): Promise<{ violations: readonly Finding[] }> } }).axe;
    return (await axe.run({ runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] }))
      .violations;
  });
  return found
    .filter((f) => f.impact === "serious" || f.impact === "critical")
    .map(
      (f) =>
        `${f.id}: ${f.help}\n${f.nodes
          .map((n) => `  ${n.html}\n  ${n.failureSummary ?? ""}`)
          .slice(0, 4)
          .join("\n")}`,
    );
}
