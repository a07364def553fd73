import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import type { Plugin } from "vite";

const HERE = import.meta.dirname;
const PUBLIC = join(HERE, "..", "public");

/** Write `sw.js` with the names of all built files; another build is another version. */
export function offlineWorker(): Plugin {
  return {
    name: "offline-worker",
    apply: "build",
    generateBundle: {
      // After the page itself, whose content belongs to the version too.
      order: "post",
      handler(_options, bundle) {
        const built = Object.values(bundle).filter(({ fileName }) => fileName !== "index.html");
        const files = [...built.map(({ fileName }) => `/${fileName}`), ...publicFiles().map(({ name }) => name)].sort();
        const version = createHash("sha256").update(files.join());
        publicFiles().forEach(({ content }) => version.update(content));
        const facts = [
          `const VERSION = ${JSON.stringify(version.digest("hex").slice(0, 12))};`,
          `const FILES = ${JSON.stringify(files)};`,
        ];
        const source = `${facts.join("\n")}\n${readFileSync(join(HERE, "sw.js"), "utf8")}`;
        this.emitFile({ type: "asset", fileName: "sw.js", source });
      },
    },
  };
}

function publicFiles() {
  return readdirSync(PUBLIC, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => ({ name: path.slice(PUBLIC.length), content: readFileSync(path) }));
}
