import { defineConfig } from "vitest/config";

export default defineConfig({
  // Properties try hundreds of cases; a busy machine takes its time over them.
  test: { include: ["src/**/*.test.ts", "src/**/*.test.tsx"], environment: "node", testTimeout: 60_000 },
});
