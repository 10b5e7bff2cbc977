// The output of a job in CI: annotations at the line of the failed call, and a summary with a table and a diagram.
import test from "node:test";
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, dirname } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
const program = process.env.STARTUP_RACE ?? join(root, "target", "debug", "startup-race");

function run(command, input = "") {
  const summary = join(mkdtempSync(join(tmpdir(), "startup-race-summary-")), "summary.md");
  const env = { ...process.env, STARTUP_RACE: program, GITHUB_STEP_SUMMARY: summary };
  const done = spawnSync(command[0], command.slice(1), { cwd: root, env, input, encoding: "utf8" });
  return { ...done, summary: existsSync(summary) ? readFileSync(summary, "utf8") : "" };
}

const MESSAGE = `thread 'gate::it_is_proved' (77) panicked at tests/gate.rs:12:5:
REFUTED  no-lost-failure
         Running: no task is dead: 100%

  #  task 1  controller
  1  .       TaskFailed(2): dropped
note: run with \`RUST_BACKTRACE=1\` environment variable to display a backtrace
`;

test("a test that fails is annotated at the line of its call, and its table is in the summary", () => {
  const { stdout, summary, status } = run(["node", ".ci/annotate.mjs", "tests"], `running 1 test\n${MESSAGE}\nfailures:\n`);
  assert.equal(status, 0);
  const [line, ...others] = stdout.trim().split("\n");
  assert.deepEqual(others, []);
  assert.ok(line.startsWith("::error file=tests/gate.rs,line=12,col=5,title=gate%3A%3Ait_is_proved::REFUTED  no-lost-failure%0A"), line);
  assert.ok(line.includes("100%25"), line);
  assert.match(summary, /tests\/gate\.rs:12\n\n```\nREFUTED {2}no-lost-failure[^`]*dropped\n```/);
});

test("a test run that passes says nothing", () => {
  const { stdout, summary } = run(["node", ".ci/annotate.mjs", "tests"], "test result: ok. 3 passed; 0 failed\n");
  assert.equal(stdout + summary, "");
});

test("the action's script annotates each claim that is not proved, draws it, and keeps the exit code", () => {
  const refuted = run(["bash", ".ci/check", "arroyo/before", "--fails", "1"]);
  assert.equal(refuted.status, 1);
  assert.match(refuted.stdout, /^::error title=no-lost-failure is REFUTED::arroyo\/before: Running%3A no task is dead|^::error title=/m);
  assert.match(refuted.summary, /\| arroyo\/before \| no-lost-failure \| REFUTED \|/);
  assert.match(refuted.summary, /```mermaid\nsequenceDiagram\n/);
  const proved = run(["bash", ".ci/check", "arroyo/after"]);
  assert.equal(proved.status, 0);
  assert.equal(proved.stdout, "");
  assert.match(proved.summary, /\| arroyo\/after \| no-lost-failure \| PROVED \(premise never met\) \|/);
  assert.equal(run(["bash", ".ci/check", "arroyo/after", "--require-premise"]).status, 4);
  assert.equal(run(["bash", ".ci/check", "arroyo/afte"]).status, 2);
  assert.equal(run(["node", ".ci/annotate.mjs"]).status, 2);
});

test("each refuted claim is drawn, for every option of `check` and for several names", () => {
  const judged = ["--claim", "no-lost-failure", "--expect", "always-decides=PROVED", "--expect=no-false-start=PROVED", "--require-premise"];
  const search = ["--jobs", "1", "--memory", "64MiB", "--max-states", "50000", "--symmetry", "off"];
  const names = ["arroyo/before", "phase/lost-failure-while-running", "phase/crash-that-forgets"];
  const tasks = ["--workers", "1,2", "--names=-a,b", "--vanishes", "1@1", "--fails", "1@2", "--attempts", "2"];
  for (const scenario of [names, [...names, ...tasks, "--losses", "0"]]) {
    const { stdout, stderr, summary } = run(["bash", ".ci/check", ...scenario, ...judged, ...search]);
    const refuted = [...summary.matchAll(/\| REFUTED \|/g)].length;
    assert.ok(refuted > 0, stderr);
    assert.equal([...summary.matchAll(/```mermaid\nsequenceDiagram\n/g)].length, refuted, stderr);
  }
  const notes = run(["bash", ".ci/check", "arroyo/before", "--review"]);
  assert.equal(notes.status, 2, "the notes of a review are text");
});
