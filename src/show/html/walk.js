"use strict";

// Walks the graph that the page carries. Nothing here knows the protocol: which step leads where, what it does, and how
// a claim stands were all computed when the page was written.

/** One protocol's states, and the tables that they refer to. */
class Sheet {
  constructor(data) {
    Object.assign(this, data);
  }

  /** What an actor does in a state: `{ event, to }`; null if it cannot move. */
  move(state, word) {
    const found = this.states[state].moves.find(([actor]) => this.actors[actor].word === word);
    return found ? { event: this.events[found[1]], to: found[2] } : null;
  }

  /** Why an actor cannot move in a state. */
  reason(state, word) {
    const found = this.states[state].blocked.find(([actor]) => this.actors[actor].word === word);
    return found ? this.reasons[found[1]] : "there is no such actor at that point";
  }

  isEnd(state) {
    return this.states[state].moves.length === 0;
  }

  /** Steps a schedule from the first state, as far as it goes. */
  walk(words) {
    const path = { words: [], states: [0], events: [], stopped: null };
    for (const word of words) {
      const last = path.states[path.states.length - 1];
      const move = this.move(last, word);
      if (!move || move.to === null) {
        const why = move ? "it leads to a state that this page does not carry" : this.reason(last, word);
        path.stopped = { step: path.words.length + 1, word, why };
        break;
      }
      path.words.push(word);
      path.states.push(move.to);
      const { lost } = move.event;
      const isHeard = lost && path.events.some(({ heard }) => heard === lost);
      path.events.push(isHeard ? { ...move.event, lost: null } : move.event);
    }
    return path;
  }

  /** How a claim stands in each state of a path: `{ kind, probability, since }`. After a state that breaks it, it stays broken. */
  standings(states, claim) {
    let since = null;
    return states.map((id, step) => {
      const state = this.states[id];
      if (since === null && state.breaks.includes(claim)) since = step;
      if (since !== null) return { kind: "broken", since, probability: { fraction: "1", height: 1 } };
      const probability = this.probabilityAt(id, claim);
      if (!probability) return { kind: "unknown" };
      if (probability.fraction === "1") return { kind: "certain", probability };
      if (probability.fraction === "0") return { kind: this.isEnd(id) ? "held" : "impossible", probability };
      return { kind: "possible", probability };
    });
  }

  /** The probability that a claim is broken from a state on. If the page does not carry every state, it is known for the first one only. */
  probabilityAt(id, claim) {
    const place = this.whole ? this.states[id].probabilities[claim] : id === 0 ? this.claims[claim].probability : null;
    return place === null ? null : this.probabilities[place];
  }

  /** A shortest schedule to a state. */
  way(target) {
    const before = new Map([[0, null]]);
    const open = [0];
    for (const id of open) {
      if (id === target) break;
      for (const [actor, , to] of this.states[id].moves) {
        if (to === null || before.has(to)) continue;
        before.set(to, { id, word: this.actors[actor].word });
        open.push(to);
      }
    }
    const words = [];
    for (let step = before.get(target); step; step = before.get(step.id)) words.unshift(step.word);
    return words;
  }

  /** How many schedules there are: paths from the first state to an end. */
  countSchedules() {
    const ways = new Array(this.states.length).fill(null);
    const count = (id) => {
      if (ways[id] === null) {
        const moves = this.states[id].moves;
        ways[id] = moves.length ? moves.reduce((sum, [, , to]) => sum + count(to), 0n) : 1n;
      }
      return ways[id];
    };
    return count(0);
  }
}

/** The same choices under two protocols. A choice that the second cannot take is left out there, and the row says why. */
function compare(first, second, words) {
  const rows = [];
  let [here, there] = [0, 0];
  for (const word of words) {
    const one = first.move(here, word);
    if (!one || one.to === null) break;
    const other = second.move(there, word);
    const known = other && other.to !== null;
    const differs = !known || other.event.text !== one.event.text;
    rows.push({ word, one: one.event, other: known ? other.event : null, why: known ? null : second.reason(there, word), differs });
    here = one.to;
    if (known) there = other.to;
  }
  return { rows, here, there, parting: rows.findIndex((row) => row.differs) };
}
