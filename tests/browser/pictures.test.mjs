// Reads the pictures with the tools that they are made for: Mermaid's parser and renderer, and Graphviz.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { launch } from "./browser.mjs";

const program = process.env.STARTUP_RACE ?? fileURLToPath(new URL("../../target/debug/startup-race", import.meta.url));
const mermaid = createRequire(import.meta.url).resolve("mermaid/dist/mermaid.min.js");
const replay = (format, ...words) => execFileSync(program, ["replay", ...words, "--format", format], { encoding: "utf8" });
// The drawings of an execution by the loom tests, from their snapshots.
const underLoom = (format) =>
  readFileSync(new URL(`../loom/snapshots/loom__pictures__${format}.snap`, import.meta.url), "utf8").split("\n---\n")[1];
const nodes = (dot) => dot.split("\n").filter((line) => /^ {2}s\d+ \[/.test(line)).length;
const rendered = (dot) => execFileSync("dot", ["-Tsvg"], { input: dot, encoding: "utf8", maxBuffer: 1 << 26 });
let browser, page;

before(async () => {
  browser = await launch();
  page = await browser.newPage();
  await page.setContent("<!doctype html><body></body>");
  await page.addScriptTag({ path: mermaid });
});
after(() => browser.close());

/** Parses and draws; returns the text in the drawing. */
const drawn = (text) => page.evaluate(async (source) => {
  mermaid.initialize({ startOnLoad: false });
  const { diagramType } = await mermaid.parse(source);
  const { svg } = await mermaid.render("drawing", source);
  document.body.innerHTML = svg;
  return { diagramType, text: document.body.innerText };
}, text);

const schedules = {
  "the canonical counterexample": ["arroyo/before", "2 2 2 1 1 1 c c c"],
  "several workers": ["arroyo/after", "1 1 1 2 2 c2", "--workers", "1,2"],
  "a retry, a kept delivery, a lingering task": ["arroyo/after", "2 2 d 1@1 c", "--attempts", "2", "--fails", "2@1", "--duplicates", "1",
    "--old-attempt", "lingers"],
  "a timeout": ["arroyo/after", "2 1 1 t", "--vanishes", "2", "--timeout", "patient"],
  "no step": ["seed/fixed", ""],
};

for (const [name, words] of Object.entries(schedules)) {
  test(`mermaid draws ${name}`, async () => {
    const { diagramType, text } = await drawn(replay("mermaid", ...words));
    assert.equal(diagramType, "sequence");
    assert.match(text, /controller/);
  });

  test(`graphviz draws ${name}`, () => {
    const dot = replay("dot", ...words);
    assert.ok(nodes(dot) > 1);
    assert.equal(rendered(dot).split('class="node"').length - 1, nodes(dot));
  });
}

test("mermaid and graphviz draw an execution under loom", async () => {
  const { diagramType, text } = await drawn(underLoom("mermaid"));
  assert.equal(diagramType, "sequence");
  assert.match(text, /TaskFailed\(2\): dropped/);
  const dot = underLoom("dot");
  assert.ok(nodes(dot) > 1);
  assert.equal(rendered(dot).split('class="node"').length - 1, nodes(dot));
});

test("mermaid shows names of any characters as they are", async () => {
  const names = ["a;b#c", '<b>"x":é%%', "end", "loop"];
  const { text } = await drawn(replay("mermaid", "arroyo/before", "4", "--tasks", "4", "--names", names.join(",")));
  for (const name of names) assert.ok(text.includes(`(${name})`), `${name} in ${text}`);
});

test("mermaid refuses what is no diagram", async () => {
  await assert.rejects(drawn("sequenceDiagram\n  this is none"));
});
