// Shows one state of a schedule, and goes to another one when the reader asks for it.

const [sheet, against] = JSON.parse(document.getElementById("data").textContent).sheets.map((data) => new Sheet(data));
const app = { claim: sheet.selected, words: [], at: 0 };
const at = (id) => document.getElementById(id);

/** The address of a state: the claim, the schedule, and how far it has come. */
function address(words, step = words.length) {
  return "#" + new URLSearchParams({ claim: sheet.claims[app.claim].id, schedule: words.join(" "), at: step });
}

/** Goes to the state that the address names. If a step cannot be taken, goes to the state before it and says why. */
function readAddress() {
  // The reader has not taken these steps here, so they are no entry of the history.
  app.opened = false;
  const asked = new URLSearchParams(location.hash.slice(1));
  const claim = sheet.claims.findIndex(({ id }) => id === asked.get("claim"));
  if (claim >= 0) app.claim = claim;
  const path = sheet.walk((asked.get("schedule") ?? "").split(" ").filter((word) => word));
  app.words = path.words;
  const step = asked.has("at") ? Number(asked.get("at")) : path.words.length;
  app.at = Number.isInteger(step) && step >= 0 ? Math.min(step, path.words.length) : path.words.length;
  const { stopped } = path;
  show(stopped && `Step ${stopped.step} of the schedule in the address, “${stopped.word}”, cannot be taken: ${stopped.why}.`);
}

/** Another place in the same schedule. */
function goTo(step) {
  app.at = Math.max(0, Math.min(step, app.words.length));
  show();
}

/** Another schedule. */
function load(words, step = words.length) {
  [app.words, app.at] = [words, step];
  show();
}

/** Lets an actor move. If the schedule has that step next, it is kept; if not, the reader's own schedule begins here. */
function move(word) {
  const state = sheet.walk(app.words).states[app.at];
  const actor = sheet.actors.find((one) => one.word === word);
  const taken = sheet.move(state, word);
  if (!taken) return show(`${capital(actor.name)}: not now, ${sheet.reason(state, word)}.`);
  if (taken.to === null) return show("That leads to a state that this page does not carry.");
  const kept = app.words[app.at] === word ? app.words : app.words.slice(0, app.at).concat(word);
  return load(kept, app.at + 1);
}

function capital(text) {
  return text[0].toUpperCase() + text.slice(1);
}

/** Draws everything anew. The element that had the focus gets it again. */
function show(message = null) {
  const focused = document.activeElement?.id;
  const path = sheet.walk(app.words);
  const view = { path, id: path.states[app.at], standings: sheet.standings(path.states, app.claim) };
  showClaims();
  showStanding(view);
  showState(view);
  showControls(view);
  showSchedule(view);
  showCounterexample();
  showComparison();
  showPicture(view);
  at("message").hidden = !message;
  at("message").textContent = message ?? "";
  if (focused) at(focused)?.focus({ preventScroll: true });
  remember();
}

/** Each step is an entry of the browser's history, so Back undoes it. The first address replaces that of the page. */
function remember() {
  const now = address(app.words, app.at);
  if (location.hash === now) return;
  if (app.opened) history.pushState(null, "", now);
  else history.replaceState(null, "", now);
  app.opened = true;
}

function showClaims() {
  const radios = sheet.claims.map((claim, index) => {
    const input = make("input", { type: "radio", name: "claim", id: `claim-${index}`, checked: index === app.claim });
    input.addEventListener("change", () => { app.claim = index; show(); });
    const unmet = claim.verdict === "PROVED" && !claim.premise_met;
    const share = claim.broken_by && claim.verdict === "REFUTED" ? `${claim.broken_by} break it` : unmet ? "premise never met" : noPass(claim.verdict);
    const kind = unmet ? "unmet" : claim.verdict.toLowerCase().replace(" ", "-");
    return make("label", { class: "claim" }, input, make("span", { class: `badge ${kind}` }, claim.verdict),
      make("span", { class: "claim-text" }, make("b", {}, claim.id), make("span", {}, claim.says), make("small", {}, `judged ${claim.judged}`, share && ` · ${share}`)));
  });
  at("claims").replaceChildren(at("claims").querySelector("legend"), ...radios);
}

/** What a verdict that is no pass means. */
function noPass(verdict) {
  return { VACUOUS: "no pass: nothing breaks it, but its witness (the same scenario without faults) does not hold", "CUT SHORT": "no pass: not every schedule was explored" }[verdict] ?? null;
}

function showStanding({ path, standings }) {
  const event = path.events[app.at - 1];
  const column = event && (sheet.tasks[event.column] ? `task ${event.column + 1}` : "controller");
  const [word, text] = standingWords(standings[app.at]);
  at("standing").className = `standing ${standings[app.at].kind}`;
  at("standing").replaceChildren(
    make("p", { class: "where" }, app.at ? `Step ${app.at} of ${app.words.length}: ${column}: ${event.text}` : "Before the first step"),
    make("p", {}, make("b", { id: "verdict" }, word), ` ${text}`),
    make("p", { class: "watched" }, `${sheet.claims[app.claim].id}: ${sheet.claims[app.claim].says}`));
}

/** Lanes for the tasks, the inboxes with what is in them, the controller. */
function showState({ id }) {
  const state = sheet.states[id];
  const workers = state.inboxes.map((inbox, index) => {
    const several = sheet.workers > 1;
    const crews = state.crews.map((crew, back) => sheet.tasks.map((task, one) => [task, crew[one], back]));
    const lanes = crews.flat().filter(([task]) => task.worker === index + 1).map(([task, life, back]) => lane(state, task, life, back));
    const label = several ? `inbox of worker ${index + 1}` : "inbox";
    const notices = inbox.map((one, place) => make("li", { class: `notice-chip ${sheet.notices[one].kind}` }, sheet.notices[one].text,
      place === 0 && make("span", { class: "next" }, "next")));
    const list = notices.length ? make("ol", {}, notices) : make("p", { class: "empty" }, "empty");
    return make("div", { class: "worker" }, several && make("h3", { class: "worker-name" }, `worker ${index + 1}`),
      make("div", { class: "tasks" }, lanes),
      make("div", { class: "inbox" }, make("h3", {}, label), list));
  });
  at("state").replaceChildren(make("div", { class: "workers" }, workers), controllerBox(state, id));
}

function lane(state, task, life, back) {
  const { text, kind, taken } = sheet.lives[life];
  const attempt = state.attempt - back;
  const word = back ? `${task.number}@${attempt}` : String(task.number);
  const steps = sheet.steps.map((step, index) => make("li", { class: taken[index] ? "taken" : null }, step,
    taken[index] && make("span", { class: "hidden" }, " done")));
  return make("div", { class: `lane ${kind}` },
    make("h3", {}, `task ${task.number} `, make("span", { class: "name" }, back ? `${task.name}, attempt ${attempt}` : task.name)),
    make("p", { class: "life" }, text), make("ol", { class: "startup" }, steps), moveButton(state, word));
}

function controllerBox(state, id) {
  const phase = sheet.phases[state.phase];
  const attempt = sheet.attempts > 1 ? `attempt ${state.attempt} of ${sheet.attempts}` : null;
  const own = sheet.actors.filter((actor) => actor.controller).map((actor) => moveButton(state, actor.word));
  return make("div", { class: "controller" }, make("h3", {}, "controller"),
    make("p", { class: `phase ${phase.kind}` }, phase.text),
    make("p", { class: "life" }, [state.counted, attempt, sheet.isEnd(id) && "end: nobody can move"].filter((part) => part).join(" · ")), own);
}

/** The button of an actor: what the actor would do, or why it cannot move. Even then the button can have the focus. */
function moveButton(state, word) {
  const number = sheet.states.indexOf(state);
  const actor = sheet.actors.find((one) => one.word === word);
  if (!actor) return null;
  const found = sheet.move(number, word);
  const outside = found && found.to === null ? ": the page does not carry where that leads" : "";
  const text = found ? found.event.text + outside : sheet.reason(number, word);
  return make("button", { type: "button", id: `move-${word}`, class: "move", "aria-disabled": (!found || outside) && "true", onclick: () => move(word),
    "aria-keyshortcuts": actor.key }, actor.key && make("kbd", { "aria-hidden": true }, actor.key),
    make("span", {}, actor.controller && make("span", { class: "actor" }, `${actor.name}: `), !actor.controller && make("span", { class: "hidden" }, `${actor.name}: `), text));
}

function showControls({ path }) {
  const last = app.words.length;
  const button = (id, text, key, step) => make("button", { type: "button", id, "aria-keyshortcuts": key, onclick: () => goTo(step) }, text);
  const slider = make("input", { type: "range", id: "slider", min: 0, max: last, "aria-label": "Step of the schedule",
    "aria-valuetext": app.at ? `step ${app.at} of ${last}: ${path.events[app.at - 1].text}` : `before step 1 of ${last}` });
  slider.value = app.at;
  slider.addEventListener("input", () => goTo(Number(slider.value)));
  const fork = make("button", { type: "button", id: "fork", "aria-disabled": app.at === last && "true", "aria-keyshortcuts": "x",
    onclick: () => load(app.words.slice(0, app.at)) }, "Fork here");
  at("controls").replaceChildren(button("to-start", "Start", "Home", 0), button("back", "Back", "ArrowLeft", app.at - 1),
    button("forward", "Forward", "ArrowRight", app.at + 1), button("to-end", "End", "End", last), fork,
    make("a", { id: "link", href: address(app.words.slice(0, app.at)) }, "Link to this state"), slider);
}

function showSchedule({ path, standings }) {
  const claim = sheet.claims[app.claim].id;
  const options = { caption: `The schedule, and how ${claim} stands after each step`, standings: sheet.whole ? standings : null,
    current: app.at, link: (step) => address(app.words, step), marks: marksOf(app.words) };
  at("schedule").replaceChildren(scheduleTable(sheet, path, options));
  at("paste").value = app.words.join(" ");
  at("replay").textContent = sheet.replay && app.words.length ? `startup-race replay ${sheet.replay} "${app.words.join(" ")}"` : "";
  at("plot").hidden = !sheet.whole;
  if (sheet.whole) {
    at("plot").replaceChildren(probabilityPlot(standings, app.at, claim, Math.min(Math.max(at("plot").clientWidth, 300), 600)),
      make("figcaption", {}, `The probability that ${claim} is broken, step by step. A dot is a state of the schedule; the large one is where you are.`));
  }
}

/** The marks of a schedule. Only the counterexample and its twin have some. */
function marksOf(words) {
  const found = sheet.claims[app.claim].counterexample;
  const is = (schedule) => schedule?.join(" ") === words.join(" ");
  if (is(found?.schedule)) return { broken: found.broken, decides: found.pair };
  return is(found?.twin?.schedule) ? { decides: found.twin.pair } : {};
}

function showCounterexample() {
  const claim = sheet.claims[app.claim];
  const found = claim.counterexample;
  if (!found) {
    at("counterexample").replaceChildren(make("p", {}, sheet.complete
      ? `There is none: ${claim.id} is ${claim.verdict}. All ${sheet.schedules_in_all} schedules were explored.`
      : `None was found: the search was cut short, ${claim.id} is ${claim.verdict}.`));
    return;
  }
  const kind = found.canonical ? "The shortest schedule that breaks it" : "A schedule that breaks it";
  const { broken, pair, twin } = found;
  at("counterexample").replaceChildren(
    make("div", { class: "beside" }, shown(kind, "counterexample", found.schedule, { broken, decides: pair }),
      twin && shown("Its twin: the nearest schedule that does not", "twin", twin.schedule, { decides: twin.pair })),
    found.picture && spaceTime(found.picture),
    make("dl", {}, reason("because", found.because), reason("stuck", found.stuck), reason("decides", found.decides),
      reason("replay", [make("code", {}, found.replay)])));
}

function reason(name, lines) {
  return lines?.length ? [make("dt", {}, name), lines.map((line) => make("dd", {}, line))] : null;
}

/** A schedule of the page as a table, with a button to walk it. */
function shown(caption, name, words, marks) {
  const path = sheet.walk(words);
  const table = scheduleTable(sheet, path, { caption, current: null, link: (step) => address(words, step), marks });
  return make("div", {}, table, make("p", {}, make("code", {}, words.join(" ")), " ",
    make("button", { type: "button", id: `walk-${name}`, onclick: () => walk(words) }, "Walk it")));
}

/** Goes to the start of a schedule, and scrolls to where the reader walks it. */
function walk(words) {
  load(words, 0);
  at("chair-title").focus({ preventScroll: true });
  at("chair-title").scrollIntoView();
}

/** Goes along a schedule that the reader wrote, up to the first step that cannot be taken. */
function paste(text) {
  const path = sheet.walk(text.split(/\s+/).filter((word) => word));
  [app.words, app.at] = [path.words, path.words.length];
  const { stopped } = path;
  show(stopped && `Step ${stopped.step}, “${stopped.word}”, cannot be taken: ${stopped.why}.`);
}

function showComparison() {
  at("compare").hidden = !against;
  if (!against) return;
  const { rows, here, there, parting } = compare(sheet, against, app.words);
  at("compare-title").textContent = `The same choices under ${against.protocol}`;
  const body = rows.map((row, index) => make("tr", { class: row.differs ? "differs" : null },
    make("th", { scope: "row" }, `${index + 1}`), make("td", {}, row.word), make("td", {}, row.one.text),
    make("td", {}, row.other ? row.other.text : `cannot: ${row.why}`, index === parting && make("span", { class: "tag mild" }, "parts ways here"))));
  const phase = (one, id) => one.phases[one.states[id].phase].text;
  body.push(make("tr", { class: "last" }, make("th", { scope: "row" }, "then"), make("td", {}), make("td", {}, phase(sheet, here)), make("td", {}, phase(against, there))));
  const head = ["#", "who", sheet.protocol, against.protocol].map((text) => make("th", { scope: "col" }, text));
  const caption = "A choice that cannot be taken there is left out";
  at("compared").replaceChildren(
    make("p", {}, parting < 0 ? "So far both do the same: choose some steps above." : partingWords(rows[parting], parting + 1)),
    make("div", { class: "scroll", role: "region", tabindex: 0, "aria-label": caption },
      make("table", { class: "steps" }, make("caption", {}, caption), make("thead", {}, make("tr", {}, head)), make("tbody", {}, body))));
}

function partingWords({ word, one, other, why }, step) {
  const { name } = sheet.actors.find((actor) => actor.word === word);
  return `They part ways at step ${step}, ${name}: “${one.text}” here; there ${other ? `“${other.text}”` : `it cannot: ${why}`}.`;
}

function showPicture({ path, id }) {
  if (!sheet.picture) {
    at("picture").replaceChildren(make("p", {}, `There are ${sheet.states_in_all}: too many for a picture.`));
    return;
  }
  const go = (state) => load(sheet.way(state));
  const isOpen = at("all-states").open;
  at("all-states").hidden = false;
  at("all-states").querySelector("ul").replaceChildren(...(isOpen ? sheet.states : []).map((_, state) =>
    make("li", {}, make("a", { href: address(sheet.way(state)), "aria-current": state === id ? "true" : null }, stateWords(sheet, state, app.claim)))));
  at("picture").replaceChildren(graphPicture(sheet, path, id, app.claim, go), make("figcaption", {},
    `A shape is a state and a line a step, downwards. Square: ${sheet.claims[app.claim].id} is certain to be broken; diamond: possible; `
    + "circle: impossible. A ring around it: an end. The thick line is your schedule. Click a state to go there by a shortest way."));
}

/** Keys: those of the actors; the arrows along the schedule; x to fork. A key that the focused control uses is left to it. */
function onKey(event) {
  const { key, target } = event;
  if (event.ctrlKey || event.altKey || event.metaKey || !at("keys").checked) return;
  // A key keeps the meaning that it has for the control with the focus. Every other key still works.
  const writes = target.closest?.("input:not([type=radio], [type=range], [type=checkbox])");
  const goes = target.closest?.("input, [role=region]") && ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End", " "].includes(key);
  if (writes || goes) return;
  const along = { ArrowLeft: app.at - 1, ArrowRight: app.at + 1, Home: 0, End: app.words.length };
  const actor = sheet.actors.find((one) => one.key === event.key);
  if (event.key in along) goTo(along[event.key]);
  else if (event.key === "x") load(app.words.slice(0, app.at));
  else if (actor) move(actor.word);
  else return;
  event.preventDefault();
}

function showSize() {
  const schedules = sheet.schedules_in_all ? `${sheet.schedules_in_all} schedules` : "the search was cut short";
  at("size").replaceChildren(`${sheet.states_in_all} states, ${schedules}. `, sheet.command && make("code", {}, `startup-race check ${sheet.command}`));
  at("partial").hidden = sheet.whole;
  const size = sheet.most ? `; a page carries at most ${sheet.most}` : ", and the check did not keep them";
  const why = sheet.complete ? `This scenario has ${sheet.states_in_all} states${size}. `
    : `The search was cut short by ${sheet.cut_short_by} after ${sheet.states_in_all} states: what it did not refute is not known. `;
  at("partial").textContent = `${why}The page holds the states of the counterexamples and their twins: only these can be walked.`;
}

showSize();
document.addEventListener("keydown", onKey);
window.addEventListener("hashchange", readAddress);
window.addEventListener("popstate", readAddress);
at("paste").addEventListener("change", () => paste(at("paste").value));
at("all-states").addEventListener("toggle", () => show());
// The plot is drawn for the width of the window. On a phone, bars that come and go change only the height.
let width = window.innerWidth;
window.addEventListener("resize", () => {
  if (window.innerWidth === width) return;
  width = window.innerWidth;
  show();
});
readAddress();
