// A real browser without a window and with a separate profile.
import { chromium } from "playwright-core";
import { execFileSync } from "node:child_process";

const names = ["chromium", "google-chrome", "chromium-browser"];

function find() {
  if (process.env.CHROMIUM) return process.env.CHROMIUM;
  for (const name of names) {
    try {
      return execFileSync("sh", ["-c", `command -v ${name}`], { encoding: "utf8" }).trim();
    } catch {
      // Not that one.
    }
  }
  throw new Error(`no browser: install one of ${names.join(", ")}, or name one in CHROMIUM`);
}

export function launch() {
  return chromium.launch({
    executablePath: find(),
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
      "--disable-component-update", "--disable-sync"],
  });
}
