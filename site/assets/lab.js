// The laboratory. The controls make a line of options, the explorer checks it, and the address of the page stores it.
import { Engine, at, make, picture } from "./engine.js";

const protocols = JSON.parse(at("protocols").textContent);
const knobs = [...document.querySelectorAll("[data-knob]")];
const lists = ["tasks", "fails", "vanishes", "hangs", "dies", "workers"];
const engine = new Engine("startup-race.wasm", "worker.js");
/** What is shown: the line of options, and what was found for it (`found`) and for the line before (`before`). */
const app = { options: "", claim: null, schedule: "", seconds: 1, found: null, before: null };

/** The three switches, and the knobs that each value sets. Without a barrier, `after-barrier` is like `after-on-start`. */
const switches = {
  announce: { early: { announce: "before-on-start" }, late: { announce: "after-barrier" } },
  handling: { ignored: { "failed-while-scheduling": "ignore" }, handled: { "failed-while-scheduling": "fail" } },
  peers: { barrier: { barrier: "per-worker", cascade: "none" }, cascade: { barrier: "none", cascade: "chain" } },
};

/** The value of each knob, as the controls have it. */
const turned = () => Object.fromEntries(knobs.map((control) => [control.dataset.knob, control.value]));

/** The line of options that the controls make: what differs from the protocol. */
function optionsOfControls() {
  const protocol = at("protocol").value;
  const words = [protocol];
  for (const name of lists) {
    const value = at(name).value.replaceAll(" ", "");
    if (value) words.push(`--${name}`, value);
  }
  for (const [name, value] of Object.entries(turned())) {
    if (value !== protocols[protocol][name]) words.push(`--${name}`, value);
  }
  return words.join(" ");
}

/** Sets the controls to a line of options. Returns the words that the controls cannot show; they are left out. */
function setControls(options) {
  const [protocol, ...words] = options.split(/\s+/).filter((word) => word);
  const known = Object.hasOwn(protocols, protocol ?? "");
  at("protocol").value = known ? protocol : "arroyo/before";
  const settings = { ...protocols[at("protocol").value] };
  const given = { tasks: "2" };
  const unknown = known ? [] : [protocol];
  for (let index = 0; index < words.length; index += 2) {
    const [name, value] = [words[index].replace(/^--/, ""), words[index + 1] ?? ""];
    if (words[index].startsWith("--") && value && lists.includes(name)) given[name] = value;
    else if (words[index].startsWith("--") && value && Object.hasOwn(settings, name)) settings[name] = value;
    else unknown.push(words[index]);
  }
  const other = ["vanishes", "hangs", "dies"].some((name) => given[name]);
  given.fails ??= other ? "" : given.tasks;
  for (const name of lists) at(name).value = given[name] ?? "";
  for (const control of knobs) {
    control.value = settings[control.dataset.knob];
    if (control.value !== settings[control.dataset.knob]) unknown.push(`--${control.dataset.knob} ${settings[control.dataset.knob]}`);
    if (!control.value) control.value = protocols[at("protocol").value][control.dataset.knob];
  }
  showSwitches();
  return unknown;
}

/** Shows the value of each switch. A switch has no value if the knobs have other settings. */
function showSwitches() {
  const now = turned();
  for (const [name, values] of Object.entries(switches)) {
    for (const [value, settings] of Object.entries(values)) {
      const input = document.querySelector(`input[name="${name}"][value="${value}"]`);
      input.checked = Object.entries(settings).every(([knob, setting]) => now[knob] === setting)
        || (value === "late" && now.announce === "after-on-start");
    }
  }
}

const address = () => `#${new URLSearchParams({ options: app.options, ...(app.claim && { claim: app.claim }), ...(app.schedule && { schedule: app.schedule }) })}`;

/** Each change of the setting, the claim or the schedule is a step of the browser's history. */
function remember() {
  if (location.hash !== address()) history.pushState(null, "", address());
}

function say(id, text) {
  at(id).hidden = !text;
  at(id).textContent = text ?? "";
}

async function readAddress() {
  const asked = new URLSearchParams(location.hash.slice(1));
  const unknown = setControls(asked.get("options") ?? "arroyo/before --tasks 2 --fails 2");
  app.claim = asked.get("claim") || null;
  app.schedule = asked.get("schedule") ?? "";
  at("schedule").value = app.schedule;
  const options = optionsOfControls();
  const note = unknown.length ? `The address names what does not exist: ${unknown.join(", ")}. The rest is shown.` : null;
  if (options === app.options && app.found) show();
  else await check(options, 1);
  if (note) say("message", note);
}

/** Checks a line of options and shows what was found. A check that is still running is stopped: its answer is not needed any more. */
async function check(options, seconds) {
  if (options !== app.options) app.before = app.found;
  Object.assign(app, { options, seconds });
  if (engine.busy) await engine.stop();
  at("status").textContent = "Checking …";
  at("claims").setAttribute("aria-busy", "true");
  const waiting = setTimeout(() => { at("stop").hidden = false; }, 400);
  const { answer, wrong, stopped } = await engine.ask("check", options, String(seconds));
  clearTimeout(waiting);
  if (app.options !== options) return;
  at("stop").hidden = true;
  at("claims").removeAttribute("aria-busy");
  if (stopped) {
    at("status").textContent = "Stopped. What is shown is from an earlier check.";
    return;
  }
  say("message", wrong);
  if (wrong) {
    at("status").textContent = "These options are not a valid scenario.";
    return;
  }
  app.found = answer;
  show();
  await step();
}

/** What ended the search. The page interrupts it when its time is over. */
function ended(by) {
  if (by === "interrupt") return `after ${app.seconds} second${app.seconds === 1 ? "" : "s"}`;
  return by === "effort" ? "because it could not go on" : `by the limit of ${by}`;
}

/** Shows what was found. */
function show() {
  const { found } = app;
  at("command").textContent = found.command;
  const cut = !found.complete;
  at("status").textContent = cut
    ? `CUT SHORT ${ended(found.cut_short_by)}, ${found.states} states: a claim that is refuted is refuted; the others are not known.`
    : `${found.schedules} schedules through ${found.states} states: every one was explored.`;
  at("longer").hidden = found.cut_short_by !== "interrupt";
  at("longer").textContent = `More time: ${app.seconds * 10} seconds`;
  if (!found.claims.some(({ id }) => id === app.claim)) {
    const isOpen = ({ probability }) => probability && probability !== "0" && probability !== "1";
    app.claim = (found.claims.find(isOpen) ?? found.claims.find((claim) => claim.picture) ?? found.claims[0]).id;
  }
  showClaims();
  showPicture();
  at("report").textContent = found.text;
}

/** The badge of a verdict. A proof whose premise was never met is marked, and is not green. */
function badge({ verdict, premise_met: met }) {
  const kind = verdict === "PROVED" && !met ? "unmet" : verdict.toLowerCase().replace(" ", "-");
  return make("span", { class: `badge ${kind}` }, verdict);
}

function share(claim) {
  if (claim.verdict === "PROVED" && !claim.premise_met) return "premise never met: it was not put to the test";
  if (claim.verdict === "VACUOUS") return "no pass: no schedule breaks it, but without faults the pipeline does not always run";
  if (claim.verdict === "CUT SHORT") return "no pass: not every schedule was explored";
  if (claim.verdict !== "REFUTED") return "every schedule keeps it";
  if (!claim.probability) return "a schedule breaks it; how many is not known";
  return `probability ${claim.probability}: ${claim.runs} (${claim.breaking} schedules)`;
}

/** What is different from the setting before. */
function changed(claim) {
  const before = app.before?.claims.find(({ id }) => id === claim.id);
  if (!before) return null;
  const said = (one) => `${one.verdict}${one.probability && one.probability !== "0" ? ` ${one.probability}` : ""}`;
  return said(before) === said(claim) ? null : `was ${said(before)}`;
}

function showClaims() {
  const focused = document.activeElement?.id;
  const rows = app.found.claims.map((claim) => {
    const input = make("input", { type: "radio", name: "claim", id: `claim-${claim.id}`, checked: claim.id === app.claim });
    input.addEventListener("change", () => { app.claim = claim.id; remember(); showPicture(); });
    const news = changed(claim);
    return make("label", { class: "claim" }, input, badge(claim), make("span", { class: "claim-text" },
      make("span", {}, make("b", {}, claim.id), " ", news && make("span", { class: "changed" }, news)), make("span", {}, claim.statement), make("small", {}, share(claim))));
  });
  at("claims").replaceChildren(at("claims").querySelector("legend"), ...rows);
  if (focused?.startsWith("claim-")) at(focused)?.focus();
}

function showPicture() {
  const claim = app.found.claims.find(({ id }) => id === app.claim);
  const drawn = claim.picture ?? app.found.picture;
  at("picture").replaceChildren(drawn ? picture(drawn) : make("p", {}, "There is nothing to draw."));
  const part = (title, lines) => lines?.length ? [make("dt", {}, title), lines.map((line) => make("dd", {}, line))] : [];
  const replay = claim.schedule && make("button", { type: "button", id: "take", onclick: () => setSchedule(claim.schedule) }, "Step it below");
  at("reasons").replaceChildren(
    make("dl", {}, part("because", claim.because), part("stuck", claim.stuck), part("decides", claim.decides)),
    claim.replay ? make("p", { class: "command" }, make("code", {}, claim.replay), " ", replay) : make("p", {}, `No schedule that breaks this claim was found${drawn ? ", so the picture shows a run without faults" : ""}.`));
}

function setSchedule(schedule) {
  app.schedule = schedule.trim();
  at("schedule").value = app.schedule;
  remember();
  return step();
}

/** Steps the reader's own schedule, as far as it leads. */
async function step() {
  const { schedule } = app;
  const { answer, wrong, stopped } = await engine.ask("replay", app.options, schedule);
  if (stopped || schedule !== app.schedule) return;
  if (wrong) {
    at("own-message").textContent = wrong;
    return;
  }
  at("own-message").textContent = answer.stopped ?? (answer.moves.length ? `The phase is ${answer.phase}.` : `No actor can move any more. The phase is ${answer.phase}.`);
  at("own-command").textContent = answer.command;
  const focused = document.activeElement?.id;
  at("next").replaceChildren(...answer.moves.map(({ word, name }) =>
    make("button", { type: "button", id: `next-${word}`, onclick: () => setSchedule(`${answer.schedule} ${word}`) }, make("kbd", {}, word), ` ${name}`)));
  if (focused?.startsWith("next-")) (at(focused) ?? at("next").firstElementChild ?? at("undo")).focus();
  at("own").replaceChildren(answer.schedule ? picture(answer.picture) : "");
}

/** A control was changed. */
async function change(event) {
  const settings = switches[event.target.name]?.[event.target.value];
  if (settings) {
    for (const control of knobs) if (control.dataset.knob in settings) control.value = settings[control.dataset.knob];
  }
  if (event.target.id === "protocol") for (const control of knobs) control.value = protocols[event.target.value][control.dataset.knob];
  if (event.target.id === "tasks" && /^\d+$/.test(at("fails").value)) at("fails").value = at("tasks").value;
  showSwitches();
  const options = optionsOfControls();
  if (options === app.options) return;
  const asked = check(options, 1);
  remember();
  await asked;
}

at("settings").addEventListener("change", change);
at("settings").addEventListener("submit", (event) => event.preventDefault());
at("longer").addEventListener("click", () => check(app.options, app.seconds * 10));
at("stop").addEventListener("click", () => engine.stop());
at("copy").addEventListener("click", () => navigator.clipboard.writeText(at("command").textContent));
at("schedule").addEventListener("change", () => setSchedule(at("schedule").value));
at("undo").addEventListener("click", () => setSchedule(app.schedule.split(/\s+/).slice(0, -1).join(" ")));
window.addEventListener("popstate", readAddress);
window.addEventListener("hashchange", readAddress);
readAddress().catch((error) => say("message", `The explorer did not start: ${error.message}`));
