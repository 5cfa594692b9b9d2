import { defineConfig } from "vitest/config";

export default defineConfig({
  root: import.meta.dirname,
  test: {
    include: [process.env["MEASURE"] ? "*.speed.ts" : "*.test.ts"],
    environment: "node",
    globalSetup: "./build.ts",
    isolate: false, // what the files share is read once
    fileParallelism: false, // each file has its own server and browser; the machine has few cores
    retry: process.env["MEASURE"] ? 0 : 1, // a browser on a busy machine; what needed it is named in the output
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
