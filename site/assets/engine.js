// Calls the explorer or the prover, which runs in a worker. So the page does not freeze, and a request can be stopped.

export class Engine {
  /** `address` is the program, compiled to WebAssembly; `worker` is the script that runs it. */
  constructor(address, worker) {
    this.worker = worker;
    this.compiled = fetch(address).then(async (answer) => {
      if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
      // If the server says that it is WebAssembly, it is compiled while it is still loading.
      const streams = answer.headers.get("content-type") === "application/wasm";
      return streams ? WebAssembly.compileStreaming(answer) : WebAssembly.compile(await answer.arrayBuffer());
    });
    this.open = new Map();
    this.next = 0;
    this.started = this.start();
  }

  async start() {
    // The worker starts while the program is still being compiled.
    this.running = new Worker(this.worker);
    this.running.onmessage = ({ data }) => {
      this.open.get(data.id)?.(data);
      this.open.delete(data.id);
    };
    const { running } = this;
    running.postMessage({ module: await this.compiled });
  }

  /** The answer to a request, `{ answer }`; `{ wrong }`, a message, if it was refused; `{ stopped }` if it was stopped. */
  async ask(...args) {
    await this.started;
    const id = this.next;
    this.next += 1;
    const { code, out, error, stopped } = await new Promise((answered) => {
      this.open.set(id, answered);
      this.running.postMessage({ id, args });
    });
    if (stopped) return { stopped: true };
    if (code === 0) return { answer: JSON.parse(out) };
    return { wrong: error || `the explorer ended with ${code}` };
  }

  /** Whether a request is open. */
  get busy() {
    return this.open.size > 0;
  }

  /** Ends every open request. */
  async stop() {
    await this.started;
    this.running.terminate();
    this.open.forEach((answered) => answered({ stopped: true }));
    this.open.clear();
    this.started = this.start();
    await this.started;
  }
}

/** An element: `make("p", { class: "x" }, "text", child)`. An attribute that is null, undefined or false is left out. */
export function make(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else element.setAttribute(key, value === true ? "" : String(value));
  }
  element.append(...children.flat(2).filter((child) => child || child === 0));
  return element;
}

/** A picture as an element. The picture comes from the explorer, and contains no script. */
export function picture(svg) {
  const parsed = new DOMParser().parseFromString(svg, "image/svg+xml").documentElement;
  const drawn = document.importNode(parsed, true);
  return make("div", { class: "picture scroll", role: "region", tabindex: 0, "aria-label": drawn.querySelector("title").textContent }, drawn);
}

export const at = (id) => document.getElementById(id);
