// Makes annotations and a job summary for GitHub from the output of a test run or of `check --format json`.
//
//   node .ci/annotate.mjs tests < output-of-cargo-test      an annotation at the line of each panic
//   node .ci/annotate.mjs check < check.json                an annotation for each claim that is not proved
//
// Annotations go to stdout. The summary is appended to the file that GITHUB_STEP_SUMMARY names, if it is set. If
// STARTUP_RACE names the program, the summary shows a counterexample as a sequence diagram.
import { readFileSync, appendFileSync } from "node:fs";
import { execFileSync } from "node:child_process";

const mode = process.argv[2];
const input = readFileSync(0, "utf8");

/** Escapes the message of a workflow command (`data`) and the value of one of its properties (`property`). */
const data = (text) => text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
const property = (text) => data(text).replaceAll(":", "%3A").replaceAll(",", "%2C");

function annotate(level, place, title, message) {
  const properties = { ...place, title };
  const list = Object.entries(properties).map(([key, value]) => `${key}=${property(String(value))}`);
  console.log(`::${level} ${list.join(",")}::${data(message)}`);
}

function summarize(text) {
  if (process.env.GITHUB_STEP_SUMMARY) appendFileSync(process.env.GITHUB_STEP_SUMMARY, text);
}

/** The text as a block of code. No line of the text closes its fence. */
function fenced(text, language = "") {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map((run) => run[0].length));
  const fence = "`".repeat(longest + 1);
  return `${fence}${language}\n${text.trimEnd()}\n${fence}\n\n`;
}

/** The panics in the output of the tests: the name of the thread, which is the test, then the place and the message. */
function failures(text) {
  const found = [];
  const panic = /^thread '([^']*)'(?: \(\d+\))? panicked at ([^\n]+?):(\d+):(\d+):\n/gm;
  for (const match of text.matchAll(panic)) {
    const rest = text.slice(match.index + match[0].length);
    const end = rest.search(/^(?:note: run with `RUST_BACKTRACE|stack backtrace:|thread '|---- |failures:$)/m);
    const message = (end < 0 ? rest : rest.slice(0, end)).trimEnd();
    found.push({ test: match[1], file: match[2], line: match[3], col: match[4], message });
  }
  return found;
}

function tests() {
  const found = failures(input);
  if (found.length === 0) return;
  summarize(`## startup-race: ${found.length} failed\n\n`);
  for (const { test, file, line, col, message } of found) {
    const first = message.split("\n\n")[0];
    annotate("error", { file, line, col }, test, first);
    summarize(`### \`${test.replaceAll("`", "'")}\`\n\n${file}:${line}\n\n${fenced(message)}`);
  }
}

/** The words that recreate a scenario. Each knob that is absent has its default, which it has in every protocol too. */
function words({ protocol, rules, ...options }) {
  const given = Object.entries({ ...options, ...rules });
  return [protocol, ...given.map(([option, value]) => `--${option}=${value}`)];
}

/** The sequence diagram of a schedule. Empty without STARTUP_RACE, or if that program cannot replay the schedule. */
function diagram({ scenario }, schedule) {
  const program = process.env.STARTUP_RACE;
  if (!program || !scenario.protocol) return "";
  try {
    const drawn = execFileSync(program, ["replay", ...words(scenario), "--format", "mermaid", schedule], { encoding: "utf8" });
    return fenced(drawn, "mermaid");
  } catch {
    return "";
  }
}

function check() {
  const json = JSON.parse(input);
  const reports = Array.isArray(json) ? json : [json];
  summarize("## startup-race\n\n| scenario | claim | verdict | probability |\n|---|---|---|---|\n");
  const cell = (text) => String(text).replaceAll("|", "\\|").replaceAll("\n", " ");
  for (const report of reports) {
    const name = report.scenario.protocol ?? "your controller";
    for (const claim of report.claims) {
      const unmet = claim.premise_met === false ? " (premise never met)" : "";
      summarize(`| ${cell(name)} | ${cell(claim.id)} | ${claim.verdict}${unmet} | ${cell(claim.probability ?? "–")} |\n`);
    }
  }
  summarize("\n");
  for (const report of reports) {
    for (const claim of report.claims.filter((claim) => claim.verdict !== "PROVED")) {
      const name = report.scenario.protocol ?? "your controller";
      const schedule = claim.counterexample?.schedule;
      const how = schedule === undefined ? "" : `, by the schedule "${schedule}"`;
      const level = claim.verdict === "REFUTED" ? "error" : "warning";
      const place = process.env.STARTUP_RACE_FILE ? { file: process.env.STARTUP_RACE_FILE, line: 1 } : {};
      annotate(level, place, `${claim.id} is ${claim.verdict}`, `${name}: ${claim.statement}${how}`);
      if (schedule !== undefined) summarize(`### ${claim.id}\n\n${claim.statement}\n\n${diagram(report, schedule)}`);
    }
  }
}

if (mode === "tests") tests();
else if (mode === "check") check();
else {
  console.error(`annotate: the first argument must be \`tests\` or \`check\`, and not ${JSON.stringify(mode ?? "")}`);
  process.exit(2);
}
