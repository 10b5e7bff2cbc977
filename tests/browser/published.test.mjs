// The pages that the workflow publishes: the index links to each, and each is the page of its protocol.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { launch } from "./browser.mjs";

const here = fileURLToPath(new URL(".", import.meta.url));
const program = process.env.STARTUP_RACE ?? resolve(here, "../../target/debug/startup-race");
let browser;
before(async () => { browser = await launch(); });
after(() => browser.close());

test("the index leads to a page of every named protocol", async () => {
  const folder = mkdtempSync(join(tmpdir(), "startup-race-"));
  execFileSync("bash", [resolve(here, "../../.ci/pages"), folder], { env: { ...process.env, STARTUP_RACE: program }, stdio: "pipe" });
  const page = await browser.newPage();
  await page.goto(pathToFileURL(join(folder, "index.html")).href);
  const names = await page.locator("a").allInnerTexts();
  assert.deepEqual([...names].sort(), ["arroyo/after", "arroyo/before", "arroyo/handled-only", "arroyo/late-only", "seed/buggy", "seed/fixed"]);
  for (const name of names) {
    await page.getByRole("link", { name, exact: true }).click();
    assert.equal(await page.locator("h1").innerText(), name);
    assert.ok(await page.evaluate(() => sheet.whole && sheet.states.length > 1));
    await page.goto(pathToFileURL(join(folder, "index.html")).href);
  }
});
