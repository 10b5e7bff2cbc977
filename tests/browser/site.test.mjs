// The site, from a web server. The explorer runs in the page, and after loading there are no network requests.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { launch } from "./browser.mjs";
import { serve } from "./serve.mjs";

const here = fileURLToPath(new URL(".", import.meta.url));
const program = process.env.STARTUP_RACE ?? resolve(here, "../../target/debug/startup-race");
const axe = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
const shots = process.env.SHOTS;
let browser, folder, site;

function ask(...words) {
  try {
    return execFileSync(program, words, { encoding: "utf8", maxBuffer: 1 << 26 });
  } catch (failed) {
    // A refuted claim is not a failure here.
    if ([1, 3, 4].includes(failed.status) && failed.stdout) return failed.stdout;
    throw failed;
  }
}

const report = (...words) => JSON.parse(ask("check", ...words, "--format", "json"));

before(async () => {
  // An existing site may be given, to save its build.
  folder = process.env.SITE ?? join(mkdtempSync(join(tmpdir(), "startup-race-")), "site");
  if (!process.env.SITE) {
    execFileSync("bash", [resolve(here, "../../.ci/site"), folder], { env: { ...process.env, STARTUP_RACE: program }, stdio: "pipe" });
  }
  site = await serve(folder);
  browser = await launch();
  if (shots) mkdirSync(shots, { recursive: true });
});
after(async () => {
  await browser.close();
  site.close();
});

/** Opens a page that must neither complain nor ask anybody else for anything; `close` says whether it did. */
async function open(path, options = {}, prepare = () => {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  const wrong = [];
  page.on("console", (message) => wrong.push(`console: ${message.text()}`));
  page.on("pageerror", (error) => wrong.push(`error: ${error.stack}`));
  context.on("request", (request) => request.url().startsWith(site.url) || wrong.push(`request: ${request.url()}`));
  await prepare(page);
  await page.goto(site.url + path);
  const close = async () => {
    await context.close();
    assert.deepEqual(wrong, []);
  };
  return { page, context, close };
}

/** Waits until the laboratory shows what was found. */
const checked = (page) => page.waitForFunction(() => /explored|CUT SHORT/.test(document.getElementById("status").textContent));

/** What the laboratory shows of each claim: its verdict and the words beside it. */
const shown = (page) => page.$$eval("#claims .claim", (claims) =>
  Object.fromEntries(claims.map((one) => [one.querySelector("b").textContent, [one.querySelector(".badge").textContent, one.querySelector("small").textContent]])));

test("the explorer is small, and so is the prover", () => {
  for (const name of ["startup-race.wasm", "startup-race-prove.wasm"]) {
    const bytes = gzipSync(readFileSync(join(folder, name)), { level: 9 }).length;
    assert.ok(bytes < 300_000, `${name}: ${bytes} bytes compressed`);
  }
});

test("every link of every page leads to a page of the site, or to the web", async () => {
  const { page, close } = await open("index.html");
  const pages = readdirSync(folder, { recursive: true }).filter((name) => name.endsWith(".html"));
  assert.ok(pages.length > 15, `${pages}`);
  for (const name of pages) {
    await page.goto(site.url + name);
    assert.equal(await page.locator('nav[aria-label="Site"] a').count(), 7, `${name} has the menu`);
    const links = await page.$$eval("a[href]", (all) => all.map((a) => a.href));
    for (const link of links.filter((link) => link.startsWith(site.url))) {
      const file = decodeURIComponent(link.slice(site.url.length)).split("#")[0] || "index.html";
      assert.ok(pages.includes(file), `${name} links to ${file}`);
    }
  }
  await close();
});

/** The middle one of some times, in milliseconds. */
const median = (times) => times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)];

test("a page is ready within a second, and a check of four tasks takes less than one", async () => {
  for (const [path, ready] of Object.entries({ "lab.html": checked, "play.html": answered, "why.html": proved })) {
    const times = [];
    for (let run = 0; run < 5; run += 1) {
      // Nothing is kept from the run before.
      const { page, close } = await open(path);
      await ready(page);
      times.push(await page.evaluate(() => performance.now()));
      await close();
    }
    assert.ok(median(times) < 1000, `${path}: ${times}`);
  }
  const { page, close } = await open("lab.html");
  await checked(page);
  for (const options of ["arroyo/before --tasks 4 --fails 4", "arroyo/after --tasks 4 --fails 4", "seed/fixed --tasks 4 --fails 2@1 --attempts 2"]) {
    const times = await page.evaluate(async (line) => {
      const { Engine } = await import("./engine.js");
      const engine = new Engine("startup-race.wasm", "worker.js");
      const taken = [];
      await engine.ask("levels");
      for (let run = 0; run < 3; run += 1) {
        const begin = performance.now();
        const { answer } = await engine.ask("check", line, "60");
        if (!answer.complete) return [Infinity];
        taken.push(performance.now() - begin);
      }
      return taken;
    }, options);
    assert.ok(median(times) < 1000, `${options}: ${times}`);
  }
  await close();
});

/** The lowest edge of some elements. */
const lowest = (page, selector) => page.$$eval(selector, (all) => Math.max(...all.map((one) => one.getBoundingClientRect().bottom)));

test("what a reader acts on, and what answers, is in sight at 1280 by 720", async () => {
  const viewport = { width: 1280, height: 720 };
  const sights = {
    "index.html": [async () => {}, ".path li"],
    "lab.html": [(page) => checked(page), "#settings, #status, #claims .claim"],
    "play.html#lie": [async (page) => { await answered(page); await say(page, "2 2"); await page.locator("#say-forecast").click(); await page.locator("#told", { hasText: "forecast" }).waitFor(); },
      "#question, #rules, #moves .move, #say button, #told"],
  };
  for (const [path, [reach, selector]] of Object.entries(sights)) {
    const { page, close } = await open(path, { viewport });
    await reach(page);
    assert.ok(await page.locator(selector).count() > 3, path);
    assert.ok(await lowest(page, selector) <= 720, `${path}: ${await lowest(page, selector)}`);
    await close();
  }
});

test("a picture is whole on a wide screen, and never too small to be read", async () => {
  for (const [width, path] of [1280, 360].flatMap((width) => ["index.html", "lessons/1-see-the-lie.html", "lessons/3-how-rare.html", "lab.html"].map((path) => [width, path]))) {
    const { page, close } = await open(path, { viewport: { width, height: 740 } });
    if (path === "lab.html") await checked(page);
    const pictures = await page.$$eval(".picture", (all) => all.map((frame) => {
      const drawn = frame.querySelector("img, svg");
      const natural = drawn.naturalWidth ?? drawn.viewBox.baseVal.width;
      return { natural, shown: drawn.getBoundingClientRect().width, frame: frame.clientWidth };
    }));
    assert.ok(pictures.length > 0 && pictures.every(({ natural }) => natural > 300), `${path}: ${JSON.stringify(pictures)}`);
    for (const { natural, shown, frame } of pictures) {
      assert.ok(shown >= Math.min(natural, 960) - 1, `${path} ${width}: ${shown} of ${natural}`);
      if (width === 1280) assert.ok(shown <= frame + 1, `${path}: ${shown} in ${frame}`);
    }
    await close();
  }
});

test("the hand-out is one sheet of paper, dark on white", async () => {
  const { page, close } = await open("lessons/handout.html", { colorScheme: "dark" });
  const margin = Object.fromEntries(["top", "bottom", "left", "right"].map((side) => [side, "1.5cm"]));
  const printed = (await page.pdf({ format: "A4", margin })).toString("latin1");
  assert.equal(printed.match(/\/Type \/Page\b/g).length, 1);
  await page.emulateMedia({ media: "print" });
  assert.deepEqual(await page.evaluate(() => [getComputedStyle(document.body).color, getComputedStyle(document.body).backgroundColor]), ["rgb(0, 0, 0)", "rgb(255, 255, 255)"]);
  await close();
});

describe("the laboratory", () => {
  test("shows what check finds, with the command line for it", async () => {
    const { page, close } = await open("lab.html");
    await checked(page);
    assert.equal(await page.locator("#command").innerText(), "startup-race check arroyo/before --tasks 2 --fails 2");
    const found = await shown(page);
    const native = report("arroyo/before");
    for (const claim of native.claims) {
      assert.equal(found[claim.id][0], claim.verdict, claim.id);
      if (claim.verdict === "REFUTED") assert.match(found[claim.id][1], new RegExp(`probability ${claim.probability}:`));
    }
    assert.equal(Object.keys(found).length, native.claims.length);
    assert.equal(await page.locator("#report").textContent(), ask("check", "arroyo/before"));
    await close();
  });

  test("a switch is checked at once, what changed is marked, and Back undoes it", async () => {
    const { page, close } = await open("lab.html");
    await checked(page);
    await page.getByRole("radio", { name: "handled" }).check();
    await page.waitForFunction(() => document.getElementById("command").textContent.includes("failed-while-scheduling fail"));
    const claim = page.locator(".claim", { hasText: "no-lost-failure" });
    assert.equal(await claim.locator(".badge").innerText(), "PROVED");
    assert.equal(await claim.locator(".changed").innerText(), "was REFUTED 1/8");
    assert.match(page.url(), /options=arroyo%2Fbefore.*failed-while-scheduling\+fail/);
    await page.goBack();
    await page.waitForFunction(() => !document.getElementById("command").textContent.includes("failed-while-scheduling"));
    assert.equal(await claim.locator(".badge").innerText(), "REFUTED");
    await page.goForward();
    await page.waitForFunction(() => document.getElementById("command").textContent.includes("failed-while-scheduling fail"));
    await close();
  });

  test("a link is an experiment: the setting, the claim and the schedule", async () => {
    const { page, close } = await open("lab.html#options=arroyo/before+--tasks+3+--fails+2&claim=no-lost-failure&schedule=2+2+c");
    await checked(page);
    assert.deepEqual(await page.$$eval("#tasks, #fails", (all) => all.map((one) => one.value)), ["3", "2"]);
    assert.equal(await page.locator("#claims input:checked").getAttribute("id"), "claim-no-lost-failure");
    await page.waitForFunction(() => document.getElementById("own").querySelector("svg"));
    assert.equal(await page.locator("#own-command").innerText(), 'startup-race replay arroyo/before --tasks 3 --fails 2 "2 2 c"');
    await page.locator("#next-2").click();
    await page.waitForFunction(() => /2 2 c 2"/.test(document.getElementById("own-command").textContent));
    assert.match(page.url(), /schedule=2\+2\+c\+2/);
    await close();
  });

  test("its picture is that of check --format svg", async () => {
    const { page, close } = await open("lab.html#options=arroyo/before+--tasks+2+--fails+2&claim=no-lost-failure");
    await checked(page);
    const svg = ask("check", "arroyo/before", "--claim", "no-lost-failure", "--format", "svg");
    const drawn = await page.$eval("#picture svg", (one) => one.querySelector("desc").textContent);
    assert.ok(svg.includes(drawn.replaceAll("&", "&amp;").split("\n")[0]), drawn);
    await close();
  });

  test("a search that a limit ended is not said to need more time, and what is not drawn is not described", async () => {
    const { page, close } = await open("lab.html", {}, (page) => page.addInitScript(() => {
      // Changes the answers of the explorer: its memory was not enough, and there is no picture.
      const planted = { complete: false, cut_short_by: "memory", picture: null };
      const told = Object.getOwnPropertyDescriptor(Worker.prototype, "onmessage");
      Object.defineProperty(Worker.prototype, "onmessage", { ...told, set(hear) {
        told.set.call(this, ({ data }) => {
          const out = data.out?.includes('"claims"') ? JSON.parse(data.out) : null;
          const claims = out?.claims.map(({ id, statement }) => ({ id, statement, verdict: "CUT SHORT" }));
          hear({ data: out ? { ...data, out: JSON.stringify({ ...out, ...planted, claims }) } : data });
        });
      } });
    }));
    await checked(page);
    assert.match(await page.locator("#status").innerText(), /^CUT SHORT by the limit of memory, 74 states/);
    assert.equal(await page.locator("#longer").isVisible(), false);
    assert.match(await page.locator("#picture").innerText(), /There is nothing to draw/);
    assert.equal(await page.locator("#reasons").innerText(), "No schedule that breaks this claim was found.");
    await close();
  });

  test("a search that takes too long is CUT SHORT after a second, and more time goes on", async () => {
    const { page, close } = await open("lab.html#options=seed/fixed+--tasks+5+--fails+1@1,2@1+--attempts+3+--old-attempt+lingers+--duplicates+2");
    await page.waitForFunction(() => document.getElementById("status").textContent.includes("CUT SHORT"), null, { timeout: 60_000 });
    const found = await shown(page);
    assert.ok(Object.values(found).every(([verdict]) => ["CUT SHORT", "REFUTED"].includes(verdict)), JSON.stringify(found));
    assert.equal(await page.locator("#longer").innerText(), "More time: 10 seconds");
    await page.locator("#longer").click();
    await page.locator("#stop").click();
    await page.waitForFunction(() => document.getElementById("status").textContent.includes("Stopped"));
    await page.getByRole("radio", { name: "handled" }).click();
    await close();
  });

  test("a proof of nothing is not green, and options that make no scenario say why", async () => {
    const { page, close } = await open("lab.html#options=arroyo/after");
    await checked(page);
    const badge = page.locator(".claim", { hasText: "no-lost-failure" }).locator(".badge");
    assert.match(await badge.getAttribute("class"), /unmet/);
    assert.match((await shown(page))["no-lost-failure"][1], /premise never met/);
    await page.locator("#fails").fill("7");
    await page.locator("#fails").press("Enter");
    await page.waitForFunction(() => !document.getElementById("message").hidden);
    assert.match(await page.locator("#message").innerText(), /--fails: .*7/);
    await close();
  });

  test("an address that names what does not exist says so and shows the rest", async () => {
    for (const hash of ["#options=nonsense", "#options=arroyo/before+--colour+red", "#options=--tasks", "#claim=%00&schedule=9+9", "#%E0%A4%A"]) {
      const { page, close } = await open(`lab.html${hash}`);
      await page.waitForFunction(() => document.getElementById("claims").querySelector(".claim"));
      if (hash.includes("options")) assert.match(await page.locator("#message").innerText(), /names what does not exist/, hash);
      await close();
    }
  });
});

/** Waits until the prover has answered. */
const proved = (page) => page.waitForFunction(() => /abstract states|no answer/.test(document.getElementById("status").textContent));

describe("the proof for every number of tasks", () => {
  test("is the one that prove finds, with its invariant and its certificate", async () => {
    const certificate = join(mkdtempSync(join(tmpdir(), "startup-race-")), "certificate.smt2");
    const { page, close } = await open("why.html");
    const protocols = await page.$$eval("#protocol option", (all) => all.map(({ value }) => value));
    assert.equal(protocols.length, 6);
    let certified = 0;
    for (const protocol of protocols) {
      for (const words of [["--workers", "any", "--fates", "panics"], ["--workers", "one", "--fates", "vanishes", "--timeout", "patient"]]) {
        const options = [protocol, ...words.slice(4)].join(" ");
        const { answer } = await page.evaluate(async (question) => {
          const { Engine } = await import("./engine.js");
          window.engine ??= new Engine("startup-race-prove.wasm", "worker.js");
          return window.engine.ask("prove", ...question);
        }, [options, words[1], words[3]]);
        assert.deepEqual(answer.json, JSON.parse(ask("prove", protocol, ...words, "--format", "json")), options);
        if (!answer.certificate) continue;
        certified += 1;
        ask("prove", protocol, ...words, "--certificate", certificate);
        assert.equal(answer.certificate, readFileSync(certificate, "utf8"), options);
      }
    }
    assert.ok(certified > 1, `${certified} are certified`);
    await close();
  });

  test("is shown for the protocol that is chosen, and Back shows the one before", async () => {
    const { page, close } = await open("why.html");
    await proved(page);
    assert.match(await page.locator("#status").innerText(), /^77 abstract states for every number of tasks; all of them were visited/);
    const native = ask("prove", "arroyo/after").replaceAll("`", "").replaceAll(/\s+/g, " ");
    const lines = await page.locator("#invariant li").allInnerTexts();
    assert.ok(lines.length > 4);
    for (const line of lines) assert.ok(native.includes(line), line);
    const [download] = await Promise.all([page.waitForEvent("download"), page.locator("#certificate").click()]);
    assert.match(readFileSync(await download.path(), "utf8"), /all \d+ obligations were asked/);
    await page.locator("#protocol").selectOption("arroyo/before");
    await page.locator("#because").waitFor({ state: "hidden" });
    assert.match(await page.locator("#claims").innerText(), /no-lost-failure\n.*\n2 tasks are enough to break it: see the schedule/);
    assert.equal(await page.locator("#command").innerText(), "startup-race prove arroyo/before --workers one --fates panics");
    assert.match(page.url(), /options=arroyo%2Fbefore&workers=one&fates=panics/);
    await page.goBack();
    await page.locator("#because").waitFor();
    await page.goForward();
    await page.locator("#because").waitFor({ state: "hidden" });
    await page.locator(".claim", { hasText: "no-lost-failure" }).getByRole("link").click();
    await checked(page);
    assert.equal(await page.locator("#claims input:checked").getAttribute("id"), "claim-no-lost-failure");
    await close();
  });

  test("an address that names what does not exist is read as far as it goes", async () => {
    for (const hash of ["#options=nonsense&workers=many&fates=x", "#%E0%A4%A=", "#options=arroyo/after+--timeout+late", "#prove-title"]) {
      const { page, close } = await open(`why.html${hash}`);
      await proved(page);
      assert.equal(await page.locator("#protocol").inputValue(), "arroyo/after", hash);
      await close();
    }
  });
});

/** Waits until the game has answered. */
const answered = (page) => page.waitForFunction(() => !document.getElementById("game").hidden);

/** Says a line by the field, and waits for the answer. */
async function say(page, line) {
  await page.evaluate(() => { document.getElementById("told").textContent = ""; });
  await page.locator("#line").fill(line);
  await page.locator("#line").press("Enter");
  await page.waitForFunction(() => document.getElementById("told").textContent !== "");
  return page.locator("#told").textContent();
}

/** What the terminal's game answers to the last of some lines. */
function terminal(level, lines) {
  const text = execFileSync(program, ["play", level, ...lines], { encoding: "utf8", input: "" });
  const answers = text.replace(/\n> \nThe input has ended.*\n$/s, "").split(/\n> [^\n]*\n\n/);
  return answers[answers.length - 1];
}

describe("the game", () => {
  const played = {
    lie: ["2", "2", "2", "1", "hint", "c", "c", "c", "1 1"], early: ["1 1 2", "forecast", "c c"], handled: ["2 2 2 1 c c", "again", "impossible"],
    late: ["2 2 c", "1 1"], switches: ["1 1 1", "2 2 2 c c c", "undo 9", "2 2 2 1 1 1 c c c"], three: ["2 2 2 1 1 1 c c c 3 c", "3 3"],
    fixed: ["2 2 c 1 2 1 2 1 2 c c", "impossible"], stale: ["1 1 2 2", "again", "2 2 1 1 c", "2 2 c c"], workers: ["1 1 1 2 2 c2 2 2 2 c1 c2"],
    fence: ["1 1 1 2 2 c2 2 2 2 c1 c2", "impossible"], cascade: ["2 2 2 1 1 1 1 1 3 c c c c", "3 3 3 c c"], sink: ["1", "probability", "impossible"],
    stop: ["s", "1 1 2 2 c c 1 2"], lost: ["1 2 1 2 1 l 2 c 1 2"], restart: ["1 2 1 2 1 c x", "impossible"],
  };

  for (const [level, lines] of Object.entries(played)) {
    test(`level ${level} is played to its end, and is the terminal's game state for state`, async () => {
      const { page, close } = await open(`play.html#${level}`);
      await answered(page);
      const said = [];
      const tell = async (line) => {
        said.push(line);
        assert.equal(await say(page, line), terminal(level, said), said.join(" | "));
      };
      let won = false;
      // The right reason is at another position in each attempt.
      for (const place of ["1", "1", "1", "1"]) {
        for (const line of lines) await tell(line);
        assert.equal(await page.locator("#choice button").count(), 4);
        assert.doesNotMatch(await page.locator("#drawing").textContent(), /lost here/, "the picture does not tell the reason");
        await tell(place);
        won = (await page.locator("#standing").innerText()) === "The level is won.";
        if (won) break;
        assert.equal(await page.locator("#choice button").count(), 0, "a wrong reason begins the level anew");
      }
      assert.ok(won, "one of the reasons is right");
      if (level === "lie") assert.match(await page.locator("#drawing").textContent(), /lost here/, "the picture tells it now");
      assert.match(await page.locator("#progress").innerText(), /^1 of 15 won/);
      await close();
    });
  }

  test("what was played is there after the page was closed, and what is won stays won", async () => {
    const { page, close } = await open("play.html#lie");
    await answered(page);
    await say(page, "2 2");
    await page.reload();
    await page.waitForFunction(() => /2 steps taken/.test(document.getElementById("standing").textContent));
    for (const word of ["2", "1", "1", "1", "c", "c", "c"]) {
      const steps = await page.locator("#standing").innerText();
      await page.locator(`#move-${word}`).click();
      await page.waitForFunction((before) => document.getElementById("standing").innerText !== before, steps);
    }
    await page.locator("#reason-1").waitFor();
    await page.reload();
    await page.locator("#reason-4").click();
    await page.waitForFunction(() => document.getElementById("standing").textContent === "The level is won.");
    await page.locator("#next-level").click();
    await page.waitForFunction(() => document.getElementById("question").textContent.startsWith("2."));
    await page.goBack();
    await page.waitForFunction(() => document.getElementById("question").textContent.startsWith("1."));
    assert.match(await page.locator("#progress").innerText(), /^1 of 15 won/);
    await close();
  });

  test("by keyboard alone: moves, a step back, and what is read aloud after a step", async () => {
    const { page, close } = await open("play.html#lie");
    await answered(page);
    await page.locator("#level").focus();
    await page.keyboard.press("Tab");
    assert.equal(await page.evaluate(() => document.activeElement.id), "move-1");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await page.waitForFunction(() => /1 step taken/.test(document.getElementById("standing").textContent));
    assert.equal(await page.evaluate(() => document.activeElement.id), "move-2", "the focus stays where it was");
    const tree = await page.locator("main").ariaSnapshot();
    assert.doesNotMatch(tree, /false|undefined|null/, "every word is meant for the player");
    assert.match(tree, /status: 1 step taken\. Who moves next\?/);
    assert.match(tree, /button "2 task 2: on_start: PANIC"/);
    assert.match(tree, /button "c controller: TaskStarted\(2\): 1 of 2"/);
    assert.match(tree, /img "your schedule"/);
    assert.doesNotMatch(tree, /certain|impossible:|1\/8/, "the answer is not given away");
    await page.locator("#say-undo").focus();
    await page.keyboard.press("Enter");
    await page.waitForFunction(() => /Who moves first/.test(document.getElementById("standing").textContent));
    await close();
  });

  test("what was asked is answered beside the moves, and a position is not told twice", async () => {
    const { page, close } = await open("play.html#lie");
    await answered(page);
    assert.match(await page.locator("#rules").innerText(), /Given\narroyo\/before, 2 tasks, task 2 panics in on_start/);
    for (const [line, isTold] of [["2", false], ["hint", true], ["2 2", false], ["9", true], ["impossible", false], ["1", true]]) {
      await say(page, line);
      assert.equal(await page.locator("#told").isVisible(), isTold, line);
      if (line === "impossible") assert.equal(await page.locator("#standing").innerText(), "You say that it is impossible. Why?");
    }
    await close();
  });

  test("a thousand random actions do no harm", async () => {
    const { page, close } = await open("play.html");
    await answered(page);
    const stuck = await page.evaluate(async () => {
      let state = 7;
      const random = (below) => {
        state = (state * 1103515245 + 12345) % 2147483648;
        return Math.floor((state / 2147483648) * below);
      };
      for (let action = 0; action < 1000; action += 1) {
        const actors = [...document.querySelectorAll("main button, #next-level")];
        const actor = actors[random(actors.length)];
        if (random(50) === 0) {
          document.getElementById("level").selectedIndex = random(15);
          document.getElementById("level").dispatchEvent(new Event("change"));
        } else actor.click();
        if (action % 10 === 9) await new Promise((later) => { setTimeout(later, 20); });
      }
      await new Promise((later) => { setTimeout(later, 3000); });
      return document.getElementById("question").textContent === "" || document.querySelectorAll("#moves button").length === 0;
    });
    assert.equal(stuck, false);
    await close();
  });
});

test("two hundred random settings: the laboratory finds what check finds", async () => {
  const { page, close } = await open("lab.html");
  await checked(page);
  const knobs = await page.evaluate(() => [...document.querySelectorAll("[data-knob]")].map((one) => [one.dataset.knob, [...(one.options ?? [])].map(({ value }) => value)]));
  const protocols = await page.$$eval("#protocol option", (all) => all.map(({ value }) => value));
  let state = 11;
  const random = (below) => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return Math.floor((state / 2147483648) * below);
  };
  let refuted = 0;
  for (let setting = 0; setting < 200; setting += 1) {
    const words = [protocols[random(protocols.length)], "--fails", ["1", "2", "none", "2@1", "1,2"][random(5)]];
    for (const [knob, values] of knobs) {
      if (random(5) === 0) words.push(`--${knob}`, values.length ? values[random(values.length)] : String(knob === "attempts" ? 1 + random(2) : random(2)));
    }
    const { answer, wrong } = await page.evaluate(async (line) => {
      const { Engine } = await import("./engine.js");
      window.engine ??= new Engine("startup-race.wasm", "worker.js");
      return window.engine.ask("check", line, "60");
    }, words.join(" "));
    let native;
    try {
      native = report(...words);
    } catch (failed) {
      assert.ok(wrong && failed.status === 2, `${words.join(" ")}: ${wrong} and ${failed.stderr}`);
      continue;
    }
    assert.deepEqual(answer?.json, native, words.join(" "));
    assert.equal(answer.text, ask("check", ...words), words.join(" "));
    refuted += native.verdict === "REFUTED" ? 1 : 0;
  }
  assert.ok(refuted > 20, `${refuted} are refuted`);
  await close();
});

describe("what is read aloud", () => {
  /** The tree that a screen reader goes through. Every word of it is meant for a reader. */
  async function tree(page) {
    const text = await page.locator("main").ariaSnapshot();
    assert.doesNotMatch(text, /undefined|null|NaN|\[object/);
    return text;
  }

  test("the laboratory, after a rule was changed and a step was taken", async () => {
    const { page, close } = await open("lab.html");
    await checked(page);
    await page.getByRole("radio", { name: "handled" }).check();
    await page.waitForFunction(() => document.getElementById("command").textContent.includes("failed-while-scheduling fail"));
    await page.locator("#next-2").click();
    await page.waitForFunction(() => document.getElementById("own").querySelector("svg"));
    const text = await tree(page);
    assert.match(text, /status: "?[\d,]+ schedules through \d+ states: every one was explored\./);
    assert.match(text, /radio "handled" \[checked\]/);
    assert.match(text, /radio "PROVED no-lost-failure was REFUTED 1\/8 Running: no task is dead premise never met: it was not put to the test"/);
    assert.match(text, /img "your schedule"/);
    assert.match(text, /spinbutton "Tasks"/);
    await close();
  });

  test("the proof, after another protocol was chosen", async () => {
    const { page, close } = await open("why.html");
    await proved(page);
    await page.getByRole("combobox", { name: "Protocol" }).selectOption("arroyo/late-only");
    await page.waitForFunction(() => document.getElementById("status").textContent.startsWith("93 "));
    const text = await tree(page);
    assert.match(text, /status: 93 abstract states for every number of tasks; all of them were visited/);
    assert.match(text, /checkbox "panics in on_start" \[checked\]/);
    assert.match(text, /list "What was found of each claim"/);
    assert.match(text, /REFUTED always-decides/);
    assert.match(text, /link "see the schedule"/);
    await close();
  });

  test("the page of a protocol, after a step", async () => {
    const { page, close } = await open("protocols/arroyo-before.html");
    await page.locator("#move-2").click();
    const text = await tree(page);
    assert.match(text, /status:\s+- paragraph: "Step 1 of 1: task 2: announce"/);
    assert.match(text, /button "task 2: on_start: PANIC"/);
    assert.match(text, /img ".*: REFUTED.*"/);
    await close();
  });
});

test("once loaded, the site works without a network", async () => {
  const { page, context, close } = await open("index.html");
  await page.waitForFunction(() => navigator.serviceWorker.ready.then(({ active }) => active?.state === "activated"));
  await page.waitForFunction(() => navigator.serviceWorker.controller);
  await context.setOffline(true);
  for (const path of ["lab.html#options=seed/fixed", "lessons/1-see-the-lie.html", "why.html", "protocols/arroyo-before.html", ""]) {
    await page.goto(site.url + path);
    assert.ok(await page.locator("h1").innerText(), path);
    if (path.startsWith("lab")) await checked(page);
  }
  await close();
});

const looks = { light: {}, dark: { colorScheme: "dark" } };
const pages = ["index.html", "why.html", "why.html#options=arroyo/before+--timeout+hasty&workers=any&fates=panics,dies", "play.html", "play.html#workers", "lab.html", "lab.html#options=arroyo/after+--tasks+3+--attempts+2&schedule=1+1+2", "lessons/index.html",
  "lessons/1-see-the-lie.html", "lessons/4-half-a-fix.html", "lessons/handout.html", "lessons/teacher.html", "protocols/index.html", "protocols/arroyo-before.html"];
for (const [look, options] of Object.entries(looks)) {
  test(`${look}: no breach of accessibility that a program can find, and nothing wider than the screen, at four widths`, async () => {
    for (const width of [320, 360, 768, 1280]) {
      for (const path of pages) {
        const { page, close } = await open(path, { ...options, viewport: { width, height: 740 } });
        if (path.startsWith("lab")) {
          await checked(page);
          await page.locator("#more summary").click();
        }
        if (path.startsWith("why")) await proved(page);
        // A state in the middle of a schedule, and the question "why".
        if (path.startsWith("play")) await answered(page);
        if (path === "play.html") for (const line of ["2 2 2 1 c c", "forecast", "1 1 c"]) await say(page, line);
        if (path === "play.html#workers") for (const line of ["1 1 1 2 2 c2", "why"]) await say(page, line);
        const [wide, screen] = await page.evaluate(() => [document.documentElement.scrollWidth, window.innerWidth]);
        assert.ok(wide <= screen, `${path}: ${wide} of ${screen}`);
        await page.evaluate(readFileSync(axe, "utf8"));
        const { violations, passes } = await page.evaluate(() => axe.run());
        assert.ok(passes.length > 15, "it did look");
        assert.deepEqual(violations.map(({ id, nodes }) => `${path} ${width} ${id}: ${nodes.map((node) => node.target).join(", ")}`), []);
        if (shots) await page.screenshot({ path: join(shots, `${path.replaceAll(/\W+/g, "-")}-${width}-${look}.png`), fullPage: true });
        await close();
      }
    }
  });
}
