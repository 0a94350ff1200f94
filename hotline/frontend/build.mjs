// Bundles every entry of hotline/frontend/entries into hotline/static/dist/NAME.js (and NAME.css where it imports styles).
// An entry added later is found by its file name; nothing has to be registered.
import { existsSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const entries = join(here, "entries");
const out = resolve(here, "..", "static", "dist");
const watch = process.argv.includes("--watch");

const entryPoints = readdirSync(entries)
  .filter((name) => name.endsWith(".js"))
  .sort()
  .map((name) => join(entries, name));

const options = {
  entryPoints,
  outdir: out,
  bundle: true,
  minify: !watch,
  sourcemap: watch ? "inline" : false,
  format: "iife",
  target: ["chrome100", "firefox100", "safari15"],
  legalComments: "linked",
  logLevel: "warning",
};

if (watch) {
  mkdirSync(out, { recursive: true });
  const context = await esbuild.context(options);
  await context.watch();
  console.log(`watching ${entryPoints.length} entries; Ctrl-C ends`);
} else {
  if (existsSync(out)) rmSync(out, { recursive: true });
  await esbuild.build(options);
  console.log(`built ${entryPoints.length} entries into hotline/static/dist`);
}
