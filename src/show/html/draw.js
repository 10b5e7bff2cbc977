// Makes elements. Text reaches the page as text only, never as markup.

/** An HTML element: `make("p", { class: "x" }, "text", child)`. An attribute that is null or false is left out. */
function make(name, attributes = {}, ...children) {
  return dress(document.createElement(name), attributes, children);
}

/** The same in SVG. */
function draw(name, attributes = {}, ...children) {
  return dress(document.createElementNS("http://www.w3.org/2000/svg", name), attributes, children);
}

function dress(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === false || value === undefined) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    // An ARIA attribute with an empty text counts as absent, so `true` is written out.
    else element.setAttribute(name, value === true ? (name.startsWith("aria-") ? "true" : "") : value);
  }
  element.append(...children.flat(2).filter((child) => child || child === 0));
  return element;
}

/** A space-time diagram as an element, in a region that can be scrolled. The diagram contains no script. */
function spaceTime(svg) {
  const drawn = document.importNode(new DOMParser().parseFromString(svg, "image/svg+xml").documentElement, true);
  return make("div", { class: "picture scroll", role: "region", tabindex: 0, "aria-label": drawn.querySelector("title").textContent }, drawn);
}

/** How a claim stands, in words. */
function standingWords(standing) {
  switch (standing.kind) {
    case "broken":
      return ["BROKEN", standing.since === 0 ? "from the start" : `since step ${standing.since}`];
    case "certain":
      return ["CERTAIN", "every schedule from here breaks it"];
    case "possible":
      return ["POSSIBLE", `probability ${standing.probability.fraction} from here: ${standing.probability.words}`];
    case "impossible":
      return ["IMPOSSIBLE", "no schedule from here breaks it"];
    case "held":
      return ["HELD", "this schedule did not break it"];
    default:
      return ["NOT KNOWN", "this page does not carry every state"];
  }
}

/** The same in one word, for a column of a table. */
function standingShort(standing) {
  if (standing.kind === "possible") return standing.probability.fraction;
  return { unknown: "" }[standing.kind] ?? standing.kind;
}

/** A table of a schedule: one row for each step, one column for each task, and the controller last. */
function scheduleTable(sheet, path, options) {
  const columns = sheet.tasks.map((task) => `task ${task.number}`).concat("controller");
  const standings = options.standings;
  const head = ["#", ...columns, ...(standings ? ["from here"] : [])].map((text) => make("th", { scope: "col" }, text));
  const rows = [stepRow(sheet, path, 0, options)];
  path.events.forEach((event, index) => {
    rows.push(stepRow(sheet, path, index + 1, options));
    if (event.began) rows.push(make("tr", { class: "retry" }, make("td", { colspan: head.length }, event.began)));
  });
  rows.push(lastRow(sheet, path, standings));
  const table = make("table", { class: "steps" }, make("caption", {}, options.caption),
    make("thead", {}, make("tr", {}, head)), make("tbody", {}, rows));
  return make("div", { class: "scroll", role: "region", tabindex: 0, "aria-label": options.caption }, table);
}

function stepRow(sheet, path, step, { standings, current, link, marks }) {
  const event = step ? path.events[step - 1] : null;
  const cells = [...sheet.tasks, null].map((_, column) => make("td", {}, ...cell(event, column, step, marks)));
  const label = make("a", { href: link(step) }, String(step));
  const stands = standings && make("td", { class: `stands ${standings[step].kind}` }, standingShort(standings[step]));
  const place = { [current]: "current" }[step] ?? (current !== null && current < step ? "ahead" : "");
  const kind = [place, marks.decides?.includes(step) ? "decides" : ""];
  return make("tr", { class: kind.join(" ").trim() || null, "aria-current": current === step ? "step" : null },
    make("th", { scope: "row" }, label), cells, stands);
}

/** The content of one cell of a step, with its marks. */
function cell(event, column, step, marks) {
  if (!event || event.column !== column) return [make("span", { class: "dot", "aria-hidden": true }, "·")];
  return [event.text, event.lost && make("span", { class: "tag" }, "lost here"),
    marks.broken === step && make("span", { class: "tag" }, "claim broken"),
    marks.decides?.includes(step) && make("span", { class: "tag mild" }, "decides")];
}

/** How far each task has come, and the phase, after the last step. */
function lastRow(sheet, path, standings) {
  const id = path.states[path.states.length - 1];
  const state = sheet.states[id];
  const cells = state.crews[0].map((life) => sheet.lives[life].text).concat(sheet.phases[state.phase].text);
  return make("tr", { class: "last" }, make("th", { scope: "row" }, sheet.isEnd(id) ? "end" : "now"),
    cells.map((text) => make("td", {}, text)), standings && make("td", {}));
}

/** How the probability changes along a schedule. The table beside the plot has the same numbers. */
function probabilityPlot(standings, current, claim, width) {
  const [height, left, top] = [120, 86, 12];
  const last = Math.max(standings.length - 1, 1);
  const x = (step) => left + ((width - left - 16) * step) / last;
  const y = (probability) => top + (height - 2 * top) * (1 - probability);
  const line = (probability, text) => [
    draw("line", { class: "rule", x1: left, x2: width - 8, y1: y(probability), y2: y(probability) }),
    draw("text", { class: "label", x: left - 8, y: y(probability) + 4, "text-anchor": "end" }, text),
  ];
  const points = standings.map((standing, step) => [x(step), y(standing.probability.height)]);
  const dots = points.map(([cx, cy], step) =>
    draw("circle", { class: `dot ${standings[step].kind}${step === current ? " current" : ""}`, cx, cy, r: step === current ? 7 : 4 }));
  const says = standings.map((standing, step) => `${step}: ${standing.probability.fraction}`).join(", ");
  return draw("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": `Probability that ${claim} is broken, after each step. ${says}` },
    line(1, "certain"), line(0.5, "1/2"), line(0, "impossible"),
    draw("polyline", { class: "probability", points: points.map((point) => point.join(",")).join(" ") }), dots);
}

/** The picture of every state: one shape for each state, and one line for each step, downwards. */
function graphPicture(sheet, path, current, claim, go) {
  const places = sheet.picture;
  const [xs, ys] = [0, 1].map((axis) => places.map((place) => place[axis]));
  const [left, top] = [Math.min(...xs) - 16, Math.min(...ys) - 16];
  const [width, height] = [Math.max(...xs) - left + 16, Math.max(...ys) - top + 16];
  const taken = new Set(path.states.slice(1).map((to, index) => `${path.states[index]} ${to}`));
  const edges = sheet.states.flatMap((state, from) => state.moves.map(([, , to]) =>
    draw("line", { class: taken.has(`${from} ${to}`) ? "edge taken" : "edge",
      x1: xs[from], y1: ys[from], x2: xs[to], y2: ys[to] })));
  edges.sort((a, b) => a.classList.contains("taken") - b.classList.contains("taken"));
  // The keyboard reaches the reader's state, and the states one step from it. The list below the picture has them all.
  const near = new Set([current, ...sheet.states[current].moves.map(([, , to]) => to)]);
  const nodes = sheet.states.map((_, id) => node(sheet, id, [xs[id], ys[id]], claim, id === current, near.has(id), () => go(id)));
  return draw("svg", { viewBox: `${left} ${top} ${width} ${height}`, role: "group", style: `max-width: ${Math.round(width * 1.4)}px`,
    "aria-label": `${sheet.states.length} states and ${edges.length} steps between them` }, edges, nodes);
}

/** A state in a few words. */
function stateWords(sheet, id, claim) {
  const [standing] = sheet.standings([id], claim);
  return `state ${id}: ${sheet.phases[sheet.states[id].phase].text}: ${standingWords(standing).join(", ")}`;
}

function node(sheet, id, [x, y], claim, current, near, go) {
  const [standing] = sheet.standings([id], claim);
  const text = stateWords(sheet, id, claim);
  const shape = { held: "impossible", broken: "certain" }[standing.kind] ?? standing.kind;
  const mark = {
    impossible: () => draw("circle", { cx: x, cy: y, r: 6 }),
    possible: () => draw("rect", { x: x - 5.5, y: y - 5.5, width: 11, height: 11, transform: `rotate(45 ${x} ${y})` }),
    certain: () => draw("rect", { x: x - 6, y: y - 6, width: 12, height: 12 }),
  }[shape]();
  const ring = sheet.isEnd(id) ? draw("circle", { class: "ring", cx: x, cy: y, r: 11 }) : null;
  const acts = { role: "button", tabindex: near ? 0 : -1, "aria-label": text, "aria-current": current ? "true" : null };
  const onkey = (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    go();
  };
  return draw("g", { class: `node ${shape}${current ? " current" : ""}`, id: `state-${id}`, onclick: go, onkeydown: onkey, ...acts },
    draw("title", {}, text), current ? draw("circle", { class: "here", cx: x, cy: y, r: 15 }) : null, ring, mark);
}
