import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, gzipSync, constants as zlib } from "node:zlib";
import { build, defineConfig, type Plugin } from "vite";
import { emoji } from "./emoji.ts";
import { words } from "./words.ts";

// The server hands these out as they are, so that it never compresses anything itself.
function squeeze(): Plugin {
  const walk = (dir: string): string[] =>
    readdirSync(dir, { withFileTypes: true }).flatMap((f) =>
      f.isDirectory() ? walk(join(dir, f.name)) : [join(dir, f.name)],
    );
  return {
    name: "squeeze",
    apply: "build",
    async closeBundle() {
      await portal();
      // What the service worker keeps: all of the program, not the pictures of letters that most texts never need.
      const kept = walk("dist").filter((f) => /^dist\/assets\/(?!portal-).*\.(js|css|svg)$/.test(f));
      writeFileSync("dist/shell.json", JSON.stringify(kept.map((f) => f.slice("dist".length)).sort()));
      for (const file of walk("dist")) {
        if (!/\.(js|css|html|svg|json)$/.test(file)) continue;
        const raw = readFileSync(file);
        if (raw.length < 512) continue;
        writeFileSync(`${file}.gz`, gzipSync(raw, { level: 9 }));
        writeFileSync(`${file}.br`, brotliCompressSync(raw, { params: { [zlib.BROTLI_PARAM_SIZE_HINT]: raw.length } }));
      }
      // Keeps the folder in git, which go:embed needs before anything is built.
      writeFileSync("dist/.gitkeep", "");
    },
  };
}

const target = ["chrome120", "safari17", "firefox121"];

// portal builds what stands in the pages of the company's portal: our frame, and the one script beside it. They share
// nothing with the page, so that its first piece holds nothing of them.
async function portal(): Promise<void> {
  const common = {
    configFile: false,
    logLevel: "warn",
    root: import.meta.dirname,
    base: "/",
    publicDir: false,
  } as const;
  const out = {
    target,
    emptyOutDir: false,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  };
  await build({
    ...common,
    plugins: [words(import.meta.dirname)],
    build: {
      ...out,
      rolldownOptions: {
        input: join(import.meta.dirname, "portal.html"),
        output: { entryFileNames: "assets/portal-[hash].js", chunkFileNames: "assets/portal-[name]-[hash].js" },
      },
    },
  });
  await build({
    ...common,
    build: {
      ...out,
      rolldownOptions: {
        input: join(import.meta.dirname, "src/portal/portal.ts"),
        output: { format: "iife", entryFileNames: "portal.js" },
      },
    },
  });
}

export default defineConfig({
  base: "/",
  plugins: [emoji(), words(import.meta.dirname), squeeze()],
  resolve: {
    alias: {
      "react/jsx-runtime": "preact/jsx-runtime",
      "react-dom": "preact/compat",
      react: "preact/compat",
    },
  },
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: {
    target,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    rolldownOptions: {
      output: {
        // One piece for the first look: in many small ones the compressor begins anew each time, for 5 KiB more.
        codeSplitting: { groups: [{ name: "page", tags: ["$initial"] }] },
      },
      // virtua marks itself for server components, which a page without them may ignore.
      onLog: (level, log, next) => (log.code === "MODULE_LEVEL_DIRECTIVE" ? undefined : next(level, log)),
    },
  },
  server: {
    fs: { allow: [".."] },
    proxy: {
      "/api": process.env.SENDJAY_URL ?? "http://127.0.0.1:8080",
      "/ws": { target: process.env.SENDJAY_URL ?? "http://127.0.0.1:8080", ws: true },
    },
  },
});
