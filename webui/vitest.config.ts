import { defineConfig } from "vitest/config";
import { words } from "./words.ts";

export default defineConfig({
  plugins: [words(import.meta.dirname)],
  test: {
    include: ["src/**/*.test.ts", "src/**/*.test.tsx"],
    environment: "node",
    setupFiles: "./words.setup.ts",
    // Properties try hundreds of cases; a busy machine takes its time over them.
    testTimeout: 60_000,
  },
});
