import { fileURLToPath } from "node:url";

import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

import { compressedBeside } from "./build/compressed.ts";
import { offlineWorker } from "./build/offlineWorker.ts";

const apiServer = process.env.API_SERVER ?? "http://127.0.0.1:8000";

export default defineConfig({
  plugins: [react(), offlineWorker(), compressedBeside()],
  resolve: {
    alias: {
      // For tests, which hold what they mock and what they name against them; no page loads these.
      "@api-document": fileURLToPath(new URL("../docs/openapi.json", import.meta.url)),
      "@public": fileURLToPath(new URL("./public", import.meta.url)),
      "@": fileURLToPath(new URL("./src", import.meta.url)),
    },
  },
  server: {
    host: "127.0.0.1",
    proxy: { "/api": apiServer },
  },
  build: {
    target: "es2022",
    // The shop is served under a strict content security policy: the polyfill and data: scripts would break it.
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    // One small style sheet: a page that comes later never stands unstyled for a moment.
    cssCodeSplit: false,
  },
  test: {
    environment: "jsdom",
    setupFiles: ["src/shared/testing/setup.ts"],
    css: false,
    testTimeout: 30_000,
    hookTimeout: 30_000,
    // One browser imitation for all files takes a third of the time; the set-up file clears what they could share.
    isolate: false,
    restoreMocks: true,
  },
});
