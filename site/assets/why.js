// The proof for every number of tasks. The controls make a question, the prover answers it, and the address of the page
// stores it.
import { Engine, at, make } from "./engine.js";

const engine = new Engine("startup-race-prove.wasm", "worker.js");
const fates = [...document.querySelectorAll("#fates input")];
let asked = null;

/** The question that the controls make. */
function questionOfControls() {
  const timeout = at("timeout").value;
  const chosen = fates.filter(({ checked }) => checked).map(({ value }) => value);
  return { options: at("protocol").value + (timeout === "none" ? "" : ` --timeout ${timeout}`), workers: at("workers").value, fates: chosen.join(",") };
}

/** Sets the controls to the address. A control has its default if the address has no value, or an unknown value, for it.
    Unknown faults are ignored. */
function readAddress() {
  const given = new URLSearchParams(location.hash.includes("=") ? location.hash.slice(1) : "");
  const choose = (id, value, usual) => {
    const known = [...at(id).options].some((option) => option.value === value);
    at(id).value = known ? value : usual;
  };
  const [protocol, ...words] = (given.get("options") ?? "").split(/\s+/);
  choose("protocol", protocol, "arroyo/after");
  choose("timeout", words[words.indexOf("--timeout") + 1], "none");
  choose("workers", given.get("workers"), "one");
  const chosen = (given.get("fates") ?? "panics").split(",");
  for (const fate of fates) fate.checked = chosen.includes(fate.value);
  return prove();
}

/** Asks the prover. A question that is still open is given up: its answer is not needed any more. */
async function prove() {
  const question = questionOfControls();
  const isLast = () => asked === question;
  asked = question;
  at("command").textContent = `startup-race prove ${question.options} --workers ${question.workers} --fates ${question.fates || "none"}`;
  at("status").textContent = "Proving …";
  if (engine.busy) await engine.stop();
  const begin = performance.now();
  const { answer, wrong, stopped } = await engine.ask("prove", question.options, question.workers, question.fates);
  if (stopped || !isLast()) return;
  at("message").hidden = !wrong;
  at("message").textContent = wrong ?? "";
  at("because").hidden = true;
  at("claims").replaceChildren();
  if (wrong) at("status").textContent = "There is no answer.";
  else show(answer, Math.round(performance.now() - begin));
}

const times = (count, word) => `${count} ${word}${count === 1 ? "" : "s"}`;

function show({ json, claims, invariant, certificate, no_certificate: why }, milliseconds) {
  const end = json.complete ? "all of them were visited" : "the search was cut short";
  at("status").textContent = `${Number(json.abstract_states).toLocaleString("en")} abstract states for every number of tasks; ${end}, in ${milliseconds} ms.`;
  at("claims").replaceChildren(...claims.map((claim) => make("li", { class: "claim" }, badge(claim),
    make("span", { class: "claim-text" }, make("b", {}, claim.id), make("span", {}, claim.statement), make("small", {}, rests(claim))))));
  at("because").hidden = !invariant;
  at("invariant").replaceChildren(...(invariant ?? []).map((line) => make("li", {}, line.split("`").map((part, place) => place % 2 ? make("code", {}, part) : part))));
  URL.revokeObjectURL(at("certificate").href);
  if (certificate) at("certificate").href = URL.createObjectURL(new Blob([certificate], { type: "text/plain" }));
  if (why && claims.every(({ verdict }) => verdict === "PROVED")) at("status").textContent += ` There is no certificate: ${why}.`;
}

function badge({ verdict, premise_met: met }) {
  return make("span", { class: `badge ${verdict === "PROVED" && !met ? "unmet" : verdict.toLowerCase().replace(" ", "-")}` }, verdict);
}

/** The reason for a verdict. */
function rests({ id, verdict, premise_met: met, tasks, options }) {
  const link = make("a", { href: `lab.html#${new URLSearchParams({ options, claim: id })}` }, "see the schedule");
  switch (verdict) {
    case "PROVED": return met ? "no abstract state breaks it: it holds for every number of tasks" : "premise never met: it was not put to the test";
    case "REFUTED": return make("span", {}, `${times(tasks, "task")} ${tasks === 1 ? "is" : "are"} enough to break it: `, link);
    case "VACUOUS": return "no pass: no abstract state breaks it, but without faults the pipeline does not always run";
    case "UNKNOWN": return "no pass: an abstract state breaks it or its witness, but no schedule with a few tasks was found that does";
    default: return "no pass: not every abstract state was visited; the program in a terminal goes further";
  }
}

at("prove").addEventListener("change", () => {
  history.pushState(null, "", `#${new URLSearchParams(questionOfControls())}`);
  return prove();
});
at("prove").addEventListener("submit", (event) => event.preventDefault());
window.addEventListener("popstate", readAddress);
readAddress().catch((error) => { at("status").textContent = `The prover did not start: ${error.message}`; });
