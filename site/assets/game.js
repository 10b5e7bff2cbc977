// The game, which is the same as in the terminal. The player's commands are a list of lines, and the explorer answers with
// the position after these lines.
import { Engine, at, make, picture } from "./engine.js";

const engine = new Engine("startup-race.wasm", "worker.js");
const app = { levels: [], level: null, lines: [], answer: null };

/** What the browser keeps of each level: the lines, and whether it is won. If the browser has no storage, nothing is kept. */
const kept = {
  read(level) {
    try {
      const found = JSON.parse(localStorage.getItem(`startup-race ${level}`)) ?? {};
      return { won: found.won === true, lines: Array.isArray(found.lines) ? found.lines.map(String) : [] };
    } catch {
      return { won: false, lines: [] };
    }
  },
  write(level, state) {
    try {
      localStorage.setItem(`startup-race ${level}`, JSON.stringify(state));
    } catch {
      // The progress is lost when the page is closed.
    }
  },
};

const sayings = [["undo", "Take one back"], ["again", "Begin again"], ["impossible", "It is impossible"], ["hint", "Hint"], ["forecast", "Forecast"], ["give up", "Give up"]];

function chooseLevel() {
  const asked = decodeURIComponent(location.hash.slice(1));
  const level = app.levels.find(({ id }) => id === asked) ?? app.levels[0];
  Object.assign(app, { level, lines: kept.read(level.id).lines });
  return say();
}

/** Says one more line, or none, and shows the answer. A line that is said before the last answer has come waits for it. */
function say(...more) {
  app.said = (app.said ?? Promise.resolve()).then(() => answerTo(more));
  return app.said;
}

async function answerTo(more) {
  const lines = [...app.lines, ...more];
  const { level } = app;
  const { answer, wrong, stopped } = await engine.ask("play", level.id, ...lines);
  if (stopped || level !== app.level) return;
  if (wrong) {
    at("wait").hidden = false;
    at("wait").textContent = wrong;
    return;
  }
  // No lines are kept of a level that is over: when the page is opened again, that level is at its start.
  Object.assign(app, { lines, answer });
  kept.write(level.id, { won: answer.won || kept.read(level.id).won, lines: answer.over ? [] : lines });
  show(more.length > 0);
}

function show(isAnswer) {
  const { level, answer } = app;
  const focused = document.activeElement?.id;
  at("wait").hidden = true;
  at("game").hidden = false;
  at("question").textContent = `${level.number}. ${answer.level.question}`;
  showRules(answer.level);
  showLevels();
  const words = { broken: "The claim is broken. Why?", held: "No actor can move, and the claim is not broken. Take steps back, or say that it is impossible." };
  words.open = answer.reasons ? "You say that it is impossible. Why?" : answer.steps ? `${times(answer.steps, "step")} taken. Who moves next?` : "Who moves first?";
  if (answer.reasons) words.held = words.open;
  at("standing").textContent = answer.won ? "The level is won." : answer.over ? "The level is over, and not won." : words[answer.position] ?? `Broken, but with ${answer.position}.`;
  at("moves").replaceChildren(...answer.moves.map((move) => {
    const act = () => { if (move.able && !answer.over && !answer.reasons) say(move.word); };
    const can = move.able && !answer.over && !answer.reasons;
    return make("button", { type: "button", class: "move", id: `move-${move.word}`, "aria-disabled": can ? null : "true", onclick: act },
      make("kbd", {}, move.word), make("span", {}, move.does));
  }));
  const buttons = sayings.map(([line, words]) =>
    make("button", { type: "button", id: `say-${line.replace(" ", "-")}`, "aria-disabled": answer.over ? "true" : null, onclick: () => { if (!answer.over) say(line); } }, words));
  const anew = () => { app.lines = []; say(); };
  if (answer.over) buttons.push(make("button", { type: "button", id: "say-new", onclick: anew }, "Play it again"));
  if (answer.over && nextLevel()) buttons.push(make("a", { id: "next-level", href: `#${nextLevel().id}` }, "The next level"));
  at("say").replaceChildren(...buttons);
  showChoice(answer);
  at("asked-for").textContent = [answer.tries && times(answer.tries, "wrong reason"), answer.helped && `help asked for: ${times(answer.helped, "time")}`].filter((text) => text).join(", ");
  at("drawing").replaceChildren(answer.steps ? picture(answer.picture) : "");
  at("told").textContent = isAnswer || answer.over ? answer.text : "";
  // The page already shows the position and the question why.
  at("told").hidden = !answer.tells || Boolean(answer.reasons);
  if (focused && focused !== document.activeElement?.id) at(focused)?.focus({ preventScroll: true });
}

const times = (count, word) => `${count} ${word}${count === 1 ? "" : "s"}`;
const nextLevel = () => app.levels[app.level.number];

function showRules({ claim, given, rules, remark }) {
  const part = (title, lines) => [make("dt", {}, title), lines.map((line) => make("dd", {}, line))];
  const parts = [part("The claim", claim), part("Given", [given]), part("The rules", rules), ...(remark ? [part("A remark", [remark])] : [])];
  at("rules").replaceChildren(...parts.flat(2));
}

function showLevels() {
  const isWon = (id) => kept.read(id).won;
  at("level").replaceChildren(...app.levels.map(({ id, number }) =>
    make("option", { value: id, selected: id === app.level.id }, `${number}. ${id}${isWon(id) ? " ✓ won" : ""}`)));
  at("level").value = app.level.id;
  at("progress").textContent = `${app.levels.filter(({ id }) => isWon(id)).length} of ${app.levels.length} won`;
}

function showChoice({ reasons }) {
  if (!reasons) return at("choice").replaceChildren();
  const choices = reasons.map((reason, place) => make("li", {},
    make("button", { type: "button", id: `reason-${place + 1}`, onclick: () => say(String(place + 1)) }, make("kbd", {}, String(place + 1)), ` ${reason}`)));
  return at("choice").replaceChildren(make("p", {}, "You can choose once: after a wrong reason the level begins again."), make("ol", {}, choices));
}

at("line-form").addEventListener("submit", (event) => {
  event.preventDefault();
  const line = at("line").value.trim();
  at("line").value = "";
  if (line && !app.answer.over) say(line);
});
at("level").addEventListener("change", () => { location.hash = at("level").value; });
window.addEventListener("hashchange", chooseLevel);

const failed = (message) => { at("wait").textContent = `The explorer did not start: ${message}`; };
engine.ask("levels").then(({ answer, wrong }) => {
  if (wrong) return failed(wrong);
  app.levels = answer;
  return chooseLevel();
}).catch((error) => failed(error.message));
