import js from "@eslint/js";
import jsxA11y from "eslint-plugin-jsx-a11y";
import reactHooks from "eslint-plugin-react-hooks";
import { readdirSync } from "node:fs";
import tseslint from "typescript-eslint";

const features = readdirSync(`${import.meta.dirname}/src/features`);

const upwards = {
  group: ["../*"],
  message: "Leave a folder through the alias @/, so that the import rules can see where you go.",
};

/** Refuses the listed import patterns in the listed files, besides every upward path. */
function refuse(files, group, message) {
  return {
    files,
    rules: { "no-restricted-imports": ["error", { patterns: [upwards, { group, message }] }] },
  };
}

function readonly(...names) {
  return Object.fromEntries(names.map((name) => [name, "readonly"]));
}

// Arrows point one way: app, then features, then shared; a feature never knows another one.
const boundaries = [
  { files: ["src/**"], rules: { "no-restricted-imports": ["error", { patterns: [upwards] }] } },
  refuse(["src/shared/**"], ["@/app", "@/app/*", "@/features/*"], "shared knows neither features nor app."),
  ...features.map((feature) =>
    refuse(
      [`src/features/${feature}/**`],
      ["@/app", "@/app/*", ...features.flatMap((name) => [`@/features/${name}`, `@/features/${name}/*`])],
      "A feature imports itself by ./ and otherwise only @/shared; app puts features together.",
    ),
  ),
];

export default tseslint.config(
  // Made by openapi-typescript; `npm run types` writes it, and lint checks that it is current.
  { ignores: ["dist", "node_modules", "src/shared/api/schema.ts"] },
  js.configs.recommended,
  {
    files: ["**/*.{ts,tsx}"],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      "@typescript-eslint/consistent-type-imports": "error",
      // Numbers and strings are what templates are for.
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "max-lines": ["error", { max: 400, skipBlankLines: true }],
      "max-lines-per-function": ["error", { max: 50, skipBlankLines: true, skipComments: true }],
      complexity: ["error", 10],
    },
  },
  // A test suite is one long function by its nature.
  { files: ["**/*.test.{ts,tsx}"], rules: { "max-lines-per-function": "off" } },
  { files: ["src/**/*.tsx"], ...jsxA11y.flatConfigs.recommended },
  // The gateways' labels hold a name and an explanation, one level deeper than the rule looks by itself.
  { files: ["src/**/*.tsx"], rules: { "jsx-a11y/label-has-associated-control": ["error", { depth: 3 }] } },
  // Two scripts that no bundle holds: one runs before the first paint, one beside the pages.
  { files: ["public/*.js"], languageOptions: { globals: readonly("document", "localStorage") } },
  {
    files: ["build/sw.js"],
    languageOptions: { globals: readonly("self", "caches", "fetch", "URL", "VERSION", "FILES") },
  },
  { files: ["src/**/*.{ts,tsx}"], ...reactHooks.configs.flat.recommended },
  ...boundaries,
);
