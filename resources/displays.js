// What the runtime tells of its displays, on sense-led/state/* and sense-led/frame/*; see nodes/sense-hat/broadcast.ts.
import { decodeFrame, OFF } from './matrix.js';

// Frames arrive in bursts (the editor's connection gathers for 50 ms), so each is drawn a little later, at its time.
const DELAY_MS = 110;
// After such a pause the clocks of runtime and browser are compared anew.
const PAUSE_MS = 2000;
// They are too when a frame would wait longer than this, which bursts do not explain.
const EARLY_MS = 300;
// The browser draws one frame at a time, so that each is seen; those that have become so late are left out.
const LATE_MS = 300;
// In a hidden window nothing is drawn.
const MOST_WAITING = 200;
// How often a display is described anew while its frames change.
const DESCRIBE_MS = 1000;

/**
 * The displays. Of each, `state` tells that what can be said of it has changed, `frame` that its colours have, `gone`
 * that no node uses it any more; the event's `detail` is the display.
 */
export class Displays extends EventTarget {
  #byKey = new Map();

  /** Those that nodes use: `{key, path, nodes, showing, queued, colors}`. */
  get all() {
    return [...this.#byKey.values()].filter(({ nodes }) => nodes.length > 0);
  }

  receive(topic, data) {
    const [, kind, key] = topic.split('/');
    if (!this.#byKey.has(key)) this.#byKey.set(key, { key, nodes: [], colors: [], queue: [], lastAt: Infinity });
    const display = this.#byKey.get(key);
    if (kind === 'frame') this.#receiveFrame(display, data);
    else if (data.nodes.length === 0) this.#forget(display);
    else this.#tell('state', Object.assign(display, { showing: undefined }, data));
  }

  /** Forgets all: the runtime tells anew. */
  clear() {
    for (const display of this.#byKey.values()) this.#forget(display);
  }

  #forget(display) {
    this.#byKey.delete(display.key);
    clearTimeout(display.timer);
    display.queue.length = 0;
    this.#tell('gone', display);
  }

  #receiveFrame(display, { frame, at }) {
    const now = performance.now();
    const isFirst = at < display.lastAt || at - display.lastAt > PAUSE_MS;
    // The frame that the clocks were compared by may have been kept for a while.
    const isEarly = at + display.offset - now > EARLY_MS;
    if (isFirst || isEarly) display.offset = now + DELAY_MS - at;
    display.lastAt = at;
    display.queue.push({ dueAt: Math.max(at + display.offset, now), frame });
    if (display.queue.length > MOST_WAITING) display.queue.shift();
    if (display.queue.length === 1) requestAnimationFrame(() => this.#play(display));
  }

  #play(display) {
    const now = performance.now();
    const { queue } = display;
    let next;
    while (queue[0]?.dueAt <= now) {
      next = queue.shift();
      if (!(now - queue[0]?.dueAt > LATE_MS)) break;
    }
    if (next) {
      display.colors = decodeFrame(next.frame);
      display.timer ??= setTimeout(() => this.#describe(display), DESCRIBE_MS);
      this.#tell('frame', display);
    }
    if (queue.length > 0) requestAnimationFrame(() => this.#play(display));
  }

  #describe(display) {
    display.timer = undefined;
    if (display.nodes.length > 0) this.#tell('state', display);
  }

  #tell(type, display) {
    this.dispatchEvent(new CustomEvent(type, { detail: display }));
  }
}

/** A display's name; `text` gives the texts of the catalogue. */
export function nameOf({ path }, text) {
  return path || text('panel.hat');
}

/** What a display shows, in words. */
export function showingOf({ showing }, text) {
  return showing?.kind === 'text' ? `“${showing.text}”` : text(`panel.${showing?.kind ?? 'nothing'}`);
}

/** A display in words, for somebody who does not see it. */
export function describe(display, text) {
  const lit = display.colors.filter((color) => color !== OFF).length;
  return `${nameOf(display, text)}: ${showingOf(display, text)}. ${text('panel.lit', { count: lit })}`;
}
