// Runs the explorer or the prover. The program is started again for each request: it takes arguments, and returns its
// output and its exit code. It needs few functions of a system; all of them are below.
"use strict";

let module = null;

/** The functions of WASI that the program imports. `out` is called with what the program prints. */
function system(args, memory, out) {
  const encoder = new TextEncoder();
  const bytes = args.map((arg) => encoder.encode(`${arg}\0`));
  const view = () => new DataView(memory().buffer);
  const sizes = (count, size) => (countAt, sizeAt) => {
    view().setUint32(countAt, count, true);
    view().setUint32(sizeAt, size, true);
    return 0;
  };
  return {
    args_sizes_get: sizes(bytes.length, bytes.reduce((sum, one) => sum + one.length, 0)),
    args_get(list, at) {
      bytes.forEach((one, index) => {
        view().setUint32(list + 4 * index, at, true);
        new Uint8Array(memory().buffer, at, one.length).set(one);
        at += one.length;
      });
      return 0;
    },
    environ_sizes_get: sizes(0, 0),
    environ_get: () => 0,
    clock_time_get(_clock, _precision, at) {
      view().setBigUint64(at, BigInt(Math.round(performance.now() * 1e6)), true);
      return 0;
    },
    // The seeds of hash tables. The bytes are always the same, so that the same request gives the same answer.
    random_get(at, length) {
      new Uint8Array(memory().buffer, at, length).fill(7);
      return 0;
    },
    fd_write(file, list, count, writtenAt) {
      let written = 0;
      for (let index = 0; index < count; index += 1) {
        const at = view().getUint32(list + 8 * index, true);
        const length = view().getUint32(list + 8 * index + 4, true);
        out(file, new Uint8Array(memory().buffer, at, length).slice());
        written += length;
      }
      view().setUint32(writtenAt, written, true);
      return 0;
    },
    proc_exit(code) {
      throw { exit: code };
    },
  };
}

/** Runs the program once. */
function run(args) {
  const printed = { 1: [], 2: [] };
  let instance = null;
  const out = (file, bytes) => printed[file]?.push(bytes);
  const imports = system(["startup-race-web", ...args], () => instance.exports.memory, out);
  instance = new WebAssembly.Instance(module, { wasi_snapshot_preview1: imports });
  const decoder = new TextDecoder();
  const text = (file) => printed[file].map((bytes) => decoder.decode(bytes, { stream: true })).join("") + decoder.decode();
  try {
    instance.exports._start();
    return { code: 0, out: text(1), error: text(2) };
  } catch (ended) {
    if (typeof ended?.exit === "number") return { code: ended.exit, out: text(1), error: text(2) };
    return { code: 101, out: "", error: `${text(2)}\n${ended}`.trim() };
  }
}

self.onmessage = ({ data }) => {
  if (data.module) module = data.module;
  else self.postMessage({ id: data.id, ...run(data.args) });
};
