// The page in a real browser, from disk. The expected content comes from the program, and is not repeated here.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { launch } from "./browser.mjs";

const program = process.env.STARTUP_RACE ?? fileURLToPath(new URL("../../target/debug/startup-race", import.meta.url));
const shots = process.env.SHOTS;
const axe = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
const folder = mkdtempSync(join(tmpdir(), "startup-race-"));
let browser;

function ask(...words) {
  try {
    return execFileSync(program, words, { encoding: "utf8" });
  } catch (failed) {
    // A refuted claim is not a failure here.
    if (failed.status === 1 && failed.stdout) return failed.stdout;
    throw failed;
  }
}

const report = (...words) => JSON.parse(ask("check", ...words, "--format", "json"));
const claimOf = (checked, id) => checked.claims.find((claim) => claim.id === id);

function write(name, ...words) {
  const file = join(folder, name);
  ask("page", ...words, "-o", file);
  return pathToFileURL(file).href;
}

/** Opens a page that must neither complain nor ask anybody for anything; `close` says whether it did. */
async function open(url, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  const wrong = [];
  page.on("console", (message) => wrong.push(`console: ${message.text()}`));
  page.on("pageerror", (error) => wrong.push(`error: ${error.stack}`));
  page.on("request", (request) => request.url().split("#")[0] !== url.split("#")[0] && wrong.push(`request: ${request.url()}`));
  await page.goto(url);
  const close = async () => {
    await context.close();
    assert.deepEqual(wrong, []);
  };
  return { page, close };
}

const verdict = (page) => page.locator("#verdict").innerText();
const where = (page) => page.locator("#standing .where").innerText();

before(async () => {
  browser = await launch();
  if (shots) mkdirSync(shots, { recursive: true });
});
after(() => browser.close());

describe("the page of a refuted protocol", () => {
  const scenario = ["arroyo/before", "--tasks", "2", "--fails", "2"];
  let url, checked;
  before(() => {
    url = write("before.html", ...scenario, "--against", "arroyo/after");
    checked = report(...scenario);
  });

  test("the graph in it is the explorer's", async () => {
    const { page, close } = await open(url);
    const [states, schedules] = await page.evaluate(() => [String(sheet.states.length), String(sheet.countSchedules())]);
    assert.deepEqual([states, schedules], [checked.states, checked.schedules]);
    assert.equal(String(await page.locator("#picture .node").count()), checked.states);
    for (const claim of checked.claims) {
      const probability = await page.evaluate((id) => {
        const index = sheet.claims.findIndex((one) => one.id === id);
        return sheet.standings([0], index)[0].probability.fraction;
      }, claim.id);
      assert.equal(probability, claim.probability, claim.id);
      const shown = await page.locator(".claim", { hasText: claim.id }).locator(".badge").innerText();
      assert.equal(shown, claim.verdict, claim.id);
    }
    await close();
  });

  test("the canonical counterexample, played by clicks, ends in the broken claim", async () => {
    const { page, close } = await open(url);
    const claim = claimOf(checked, "no-lost-failure");
    await page.getByText("no-lost-failure", { exact: true }).first().click();
    assert.equal(await verdict(page), "POSSIBLE");
    assert.match(await page.locator("#standing").innerText(), /probability 1\/8 from here: one run in 8/);
    for (const word of claim.counterexample.schedule.split(" ")) await page.locator(`#move-${word}`).click();
    assert.equal(await verdict(page), "BROKEN");
    assert.match(await page.locator(".controller .phase").innerText(), /Running/);
    assert.match(await page.locator(".lane", { hasText: "task 2" }).innerText(), /dead/);
    assert.equal(await page.locator(".steps .tag", { hasText: "claim broken" }).count(), 2, "in the schedule and in the counterexample");
    assert.equal(await page.locator('#state [aria-disabled="true"]').count(), 3, "nobody can move");
    await close();
  });

  test("a link is a state", async () => {
    const { page, close } = await open(url);
    const schedule = claimOf(checked, "no-lost-failure").counterexample.schedule;
    await page.locator("#counterexample a", { hasText: /^8$/ }).first().click();
    assert.match(await where(page), /Step 8 of 9: controller: TaskFailed\(2\): dropped/);
    const asked = new URLSearchParams(new URL(page.url()).hash.slice(1));
    assert.deepEqual([asked.get("schedule"), asked.get("at")], [schedule, "8"]);
    const { page: other, close: closeOther } = await open(page.url());
    assert.equal(await where(other), await where(page));
    assert.equal(await other.locator("#state").innerText(), await page.locator("#state").innerText());
    await closeOther();
    await close();
  });

  test("an address that cannot be walked says why, and goes as far as it leads", async () => {
    const { page, close } = await open(`${url}#claim=no-lost-failure&schedule=2+2+2+2+1`);
    assert.match(await page.locator("#message").innerText(), /Step 4 .* cannot be taken: it is dead/);
    assert.match(await where(page), /Step 3 of 3/);
    await close();
  });

  test("a claim that broke on the way stays broken", async () => {
    const handled = write("handled.html", "arroyo/handled-only");
    const { page, close } = await open(`${handled}#claim=no-false-start&schedule=1+2+c+c+2+2+c`);
    assert.equal(await verdict(page), "BROKEN");
    assert.match(await page.locator("#standing").innerText(), /since step 4/);
    assert.match(await page.locator(".controller .phase").innerText(), /Failed/);
    await close();
  });

  test("forking keeps the steps so far, and another choice forks by itself", async () => {
    const { page, close } = await open(`${url}#claim=no-lost-failure&schedule=2+2+2+1&at=2`);
    await page.locator("#move-1").click();
    assert.match(page.url(), /schedule=2\+2\+1&at=3/);
    await page.locator("#back").click();
    await page.locator("#fork").click();
    assert.match(page.url(), /schedule=2\+2&at=2/);
    await page.locator("#to-start").click();
    await page.locator("#slider").fill("1");
    assert.match(await where(page), /Step 1 of 2/);
    await close();
  });

  test("who cannot move says why", async () => {
    const { page, close } = await open(url);
    // The driver would wait until the button is enabled; a reader does not.
    assert.equal(await page.locator("#move-c").getAttribute("aria-disabled"), "true");
    assert.match(await page.locator("#move-c").innerText(), /the inbox is empty/);
    await page.locator("#move-c").click({ force: true });
    assert.match(await page.locator("#message").innerText(), /Read inbox: not now, the inbox is empty/);
    await close();
  });

  test("the twin stands beside the counterexample, with the pair that decides marked in both", async () => {
    const { page, close } = await open(`${url}#claim=no-lost-failure`);
    assert.equal(await page.locator("#counterexample table").count(), 2);
    assert.equal(await page.locator("#counterexample tr.decides").count(), 4);
    const drawn = page.getByRole("region", { name: "no-lost-failure: REFUTED; the nearest schedule that passes, one swap away" });
    assert.equal(await drawn.locator("svg circle.ring").count(), 5, "the pair in both schedules, and the legend's");
    const [picture, region] = await Promise.all([drawn.locator("svg").boundingBox(), drawn.boundingBox()]);
    assert.ok(picture.height > 300 && region.height >= picture.height, "it is drawn in its full size");
    await page.locator("#walk-twin").click();
    await page.locator("#to-end").click();
    assert.equal(await verdict(page), "HELD");
    await close();
  });

  test("the fixed protocol parts ways on the same choices", async () => {
    const schedule = claimOf(checked, "no-lost-failure").counterexample.schedule;
    const { page, close } = await open(`${url}#claim=no-lost-failure&schedule=${schedule.replaceAll(" ", "+")}`);
    const text = await page.locator("#compared").innerText();
    assert.match(text, /They part ways at step 1, task 2/);
    const last = await page.locator("#compared tr.last").innerText();
    assert.match(last, /Running/);
    assert.match(last, /Failed: task 2 panicked/);
    await close();
  });

  test("a state of the picture is a click away", async () => {
    const { page, close } = await open(`${url}#claim=no-lost-failure`);
    const end = await page.evaluate(() => sheet.states.findIndex((state) => state.moves.length === 0 && state.breaks.length > 0));
    await page.locator("#picture .node").nth(end).click();
    assert.equal(await verdict(page), "BROKEN");
    assert.equal(await page.locator("#picture .node.current").count(), 1);
    await close();
  });
});

test("each step belongs to the history: Back takes it back, and Forward takes it again", async () => {
  const { page, close } = await open(write("history.html", "arroyo/before"));
  await page.locator("#move-2").click();
  await page.locator("#move-1").click();
  assert.match(page.url(), /schedule=2\+1&at=2/);
  await page.goBack();
  assert.match(await where(page), /Step 1 of 1/);
  await page.goBack();
  assert.equal(await where(page), "Before the first step");
  await page.goForward();
  assert.match(await where(page), /Step 1 of 1/);
  await close();
});

test("a schedule can be pasted, and one's own has a line that replays it", async () => {
  const { page, close } = await open(write("paste.html", "arroyo/before"));
  await page.locator("#paste").fill("2 2  2 1");
  await page.locator("#paste").press("Enter");
  assert.match(await where(page), /Step 4 of 4/);
  assert.equal(await page.locator("#replay").innerText(), 'startup-race replay arroyo/before --tasks 2 --fails 2 "2 2 2 1"');
  await page.locator("#paste").fill("2 2 2 2");
  await page.locator("#paste").press("Enter");
  assert.match(await page.locator("#message").innerText(), /Step 4, “2”, cannot be taken: it is dead/);
  assert.match(await where(page), /Step 3 of 3/);
  await close();
});

test("keys go on after a click on another control, and not while a schedule is written", async () => {
  const { page, close } = await open(write("keys-after.html", "arroyo/before"));
  await page.locator("#claim-2").click();
  await page.keyboard.press("2");
  assert.match(await where(page), /Step 1 of 1/);
  await page.locator("#slider").focus();
  await page.keyboard.press("2");
  assert.match(await where(page), /Step 2 of 2/);
  await page.locator("#paste").focus();
  await page.keyboard.press("1");
  assert.match(await where(page), /Step 2 of 2/);
  await close();
});

test("the key of a crash crashes, and forks no schedule", async () => {
  const { page, close } = await open(write("crash.html", "arroyo/after", "--fails", "none", "--crashes", "1"));
  await page.locator("#move-1").click();
  await page.locator("#back").click();
  await page.keyboard.press(await page.locator("#move-x kbd").innerText());
  assert.match(page.url(), /schedule=x&at=1/);
  await close();
});

test("a failure is marked as lost where the table marks it: not if an earlier delivery of it was heard", async () => {
  const scenario = ["arroyo/after", "--losses", "1", "--duplicates", "1", "--stop", "asked", "--failed-while-stopping", "count"];
  const url = write("twice.html", ...scenario);
  for (const [schedule, marks] of [["2 2 s d c", 0], ["2 2 s d l", 0], ["2 2 s l", 1]]) {
    const { page, close } = await open(`${url}#schedule=${schedule.replaceAll(" ", "+")}`);
    assert.match(await where(page), new RegExp(`Step ${schedule.split(" ").length} of`));
    assert.equal(await page.locator("#schedule .tag", { hasText: "lost here" }).count(), marks, schedule);
    assert.equal(ask("replay", ...scenario, schedule).split("lost here").length - 1, marks, schedule);
    await close();
  }
});

test("a proof of nothing and a verdict that is no pass are not green, and say so", async () => {
  const claims = (page) => page.$$eval(".claim", (all) => all.map((one) => [one.querySelector(".badge").className, one.querySelector("small").textContent]));
  const after = await open(write("unmet.html", "arroyo/after"));
  assert.match((await claims(after.page)).map((one) => one.join()).join("\n"), /badge unmet,judged at every end · premise never met/);
  await after.close();
  const vacuous = await open(write("vacuous.html", "seed/fixed", "--announce", "never"));
  assert.match((await claims(vacuous.page)).map((one) => one.join()).join("\n"), /badge vacuous,.* · no pass: nothing breaks it, but its witness \(the same scenario without faults\) does not hold/);
  await vacuous.close();
});

test("the page of a search that was cut short says what cut it, and its command has the limit", async () => {
  const { page, close } = await open(write("cut.html", "arroyo/before", "--max-states", "20"));
  assert.match(await page.locator("#partial").innerText(), /The search was cut short by the limit of states/);
  assert.match(await page.locator("#size code").innerText(), /--max-states 20$/);
  await close();
});

test("the controls are in sight at 1280 by 720, walking begins where it is seen, and dots are not read aloud", async () => {
  const { page, close } = await open(write("sight.html", "arroyo/before") + "#claim=no-lost-failure", { viewport: { width: 1280, height: 720 } });
  const box = await page.locator("#controls").boundingBox();
  assert.ok(box.y + box.height <= 720, `${box.y + box.height}`);
  for (const move of ["#move-1", "#move-2"]) {
    const { y, height } = await page.locator(move).boundingBox();
    assert.ok(y + height <= 720, `${move}: ${y + height}`);
  }
  await page.locator("#walk-counterexample").click();
  const title = await page.locator("#chair-title").boundingBox();
  assert.ok(title.y >= -1 && title.y < 400, `${title.y}`);
  assert.equal(await page.locator('[aria-hidden=""]').count(), 0);
  assert.ok(await page.locator('.dot[aria-hidden="true"]').count() > 10);
  await close();
});

/** The contrast of two colours, as WCAG defines it: `rgb(1, 2, 3)`. */
function contrast(...colours) {
  const luminance = (colour) => {
    const [red, green, blue] = colour.match(/\d+/g).slice(0, 3).map((part) => part / 255).map((part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const [dark, light] = colours.map(luminance).sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

test("an edge of the graph has a contrast of three to one at least, light and dark", async () => {
  for (const colorScheme of ["light", "dark"]) {
    const { page, close } = await open(write("edges.html", "arroyo/before"), { colorScheme });
    const [edge, ground] = await page.evaluate(() => [getComputedStyle(document.querySelector("#picture .edge")).stroke, getComputedStyle(document.body).backgroundColor]);
    assert.ok(contrast(edge, ground) >= 3, `${colorScheme}: ${edge} on ${ground}: ${contrast(edge, ground)}`);
    await close();
  }
});

test("the graph is walked by keyboard, and every state is in a list", async () => {
  const { page, close } = await open(write("graph.html", "arroyo/before"));
  const states = await page.evaluate(() => sheet.states.length);
  assert.equal(await page.locator('#picture .node[tabindex="0"]').count(), 3, "where you are, and where a step leads");
  await page.locator("#state-0").focus();
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  assert.match(await where(page), /Step 1 of 1/);
  await page.locator("#all-states summary").click();
  // The list is filled at its `toggle` event, which comes after the click.
  await page.waitForFunction((states) => document.querySelectorAll("#all-states a").length === states, states);
  await page.locator("#all-states a").nth(30).click();
  assert.equal(await page.locator('#picture .node[aria-current="true"]').getAttribute("id"), "state-30");
  await close();
});

test("by keyboard alone: a claim, the counterexample, back and forth", async () => {
  const { page, close } = await open(write("keys.html", "arroyo/before"));
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement.type), "radio");
  await page.keyboard.press("ArrowDown");
  assert.match(page.url(), /claim=no-false-alarm/);
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement.id), "to-start");
  for (const key of ["2", "2", "2", "1", "1", "1", "c", "c"]) await page.keyboard.press(key);
  assert.equal(await verdict(page), "CERTAIN");
  await page.locator("#move-c").focus();
  await page.keyboard.press("Enter");
  assert.equal(await verdict(page), "BROKEN");
  assert.equal(await page.evaluate(() => document.activeElement.id), "move-c", "the focus stays where it was");
  await page.keyboard.press("Home");
  assert.equal(await verdict(page), "POSSIBLE");
  await page.keyboard.press("ArrowRight");
  assert.match(await where(page), /Step 1 of 9/);
  await page.keyboard.press("x");
  assert.match(page.url(), /schedule=2&at=1/);
  await page.locator("#keys").focus();
  await page.keyboard.press("Space");
  await page.locator("#back").focus();
  await page.keyboard.press("2");
  assert.match(page.url(), /schedule=2&at=1/, "with the keys off, a key moves nobody");
  await close();
});

test("a scenario too large says so with its size, and its counterexample can be walked", async () => {
  const scenario = ["seed/buggy", "--tasks", "5"];
  const { page, close } = await open(write("large.html", ...scenario));
  const checked = report(...scenario);
  assert.match(await page.locator("#partial").innerText(), new RegExp(`${Number(checked.states).toLocaleString("en")} states`));
  await page.locator("#walk-counterexample").click();
  assert.equal(await verdict(page), "CERTAIN", "of the first state the probability is known");
  await page.locator("#forward").click();
  assert.equal(await verdict(page), "NOT KNOWN");
  await page.locator("#to-end").click();
  assert.equal(await verdict(page), "BROKEN");
  await close();
});

test("names with markup in them are text", async () => {
  const { page, close } = await open(write("names.html", "arroyo/before", "--names", "<b>a</b>,</script><i>"));
  const lanes = await page.locator(".lane .name").allInnerTexts();
  assert.deepEqual(lanes, ["<b>a</b>", "</script><i>"]);
  await close();
});

const looks = {
  light: {},
  dark: { colorScheme: "dark" },
  narrow: { viewport: { width: 360, height: 740 } },
  "narrow-dark": { viewport: { width: 360, height: 740 }, colorScheme: "dark" },
};
const pages = {
  refuted: [["arroyo/before", "--against", "arroyo/after"], "#claim=no-lost-failure&schedule=2+2+2+1+1+1+c+c+c&at=6"],
  proved: [["arroyo/after"], ""],
  retries: [["arroyo/after", "--attempts", "2", "--fails", "2@1", "--workers", "1,2", "--old-attempt", "lingers", "--duplicates", "1"],
    "#claim=no-false-start&schedule=1+1+1+2+2+d2+1@1+2"],
  large: [["seed/buggy", "--tasks", "5"], ""],
};

for (const [name, [words, hash]] of Object.entries(pages)) {
  for (const [look, options] of Object.entries(looks)) {
    test(`${name}, ${look}: no breach of accessibility that a program can find, and nothing wider than the screen`, async () => {
      const { page, close } = await open(write(`${name}.html`, ...words) + hash, options);
      assert.equal(await page.locator("#message").isVisible(), false);
      const [wide, screen] = await page.evaluate(() => [document.documentElement.scrollWidth, window.innerWidth]);
      assert.ok(wide <= screen, `${wide} of ${screen}`);
      // A state in the middle of a schedule, with further steps after it.
      if (await page.locator("#move-1").count()) {
        await page.locator("#move-1").click({ force: true });
        await page.locator("#back").click();
      }
      await page.addScriptTag({ path: axe });
      const { violations, passes } = await page.evaluate(() => axe.run());
      assert.ok(passes.length > 20, "it did look");
      assert.deepEqual(violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target).join(", ")}`), []);
      if (shots) await page.screenshot({ path: join(shots, `${name}-${look}.png`), fullPage: true });
      await close();
    });
  }
}
