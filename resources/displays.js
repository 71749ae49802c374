// The runtime's displays, as published on sense-led/state/* and sense-led/frame/*; see nodes/sense-hat/broadcast.ts.
import { decodeFrame, OFF } from './matrix.js';

// The editor's connection delivers messages in bursts of 50 ms, so frames are drawn with this delay, at an even pace.
const DELAY_MS = 110;
// After a pause of this length the clocks of runtime and browser are synchronized again.
const PAUSE_MS = 2000;
// So they are if a frame would wait longer than this, which is more than bursts explain.
const EARLY_MS = 300;
// Each animation frame of the browser draws one frame, so that every frame is seen; later ones than this are skipped.
const LATE_MS = 300;
// The longest queue: a hidden window draws nothing.
const MAX_QUEUED = 200;
// How often the description of a display is updated while its frames change.
const DESCRIBE_MS = 1000;

/**
 * All displays, with events about each: `state` when its description has changed, `frame` when its colours have, `gone`
 * when no node uses it any more. The event's `detail` is the display.
 */
export class Displays extends EventTarget {
  #byKey = new Map();

  /** The displays that nodes use: `{key, path, nodes, showing, queued, colors}`. */
  get all() {
    return [...this.#byKey.values()].filter(({ nodes }) => nodes.length > 0);
  }

  receive(topic, data) {
    const [, kind, key] = topic.split('/');
    if (!this.#byKey.has(key)) this.#byKey.set(key, { key, nodes: [], colors: [], queue: [], lastAt: Infinity });
    const display = this.#byKey.get(key);
    if (kind === 'frame') this.#receiveFrame(display, data);
    else if (data.nodes.length === 0) this.#forget(display);
    else this.#emit('state', Object.assign(display, { showing: undefined }, data));
  }

  /** Forgets all displays, which the runtime is about to send again. */
  clear() {
    for (const display of this.#byKey.values()) this.#forget(display);
  }

  #forget(display) {
    this.#byKey.delete(display.key);
    clearTimeout(display.timer);
    display.queue.length = 0;
    this.#emit('gone', display);
  }

  #receiveFrame(display, { frame, at }) {
    const now = performance.now();
    const isFirst = at < display.lastAt || at - display.lastAt > PAUSE_MS;
    // The frame that the clocks were synchronized with may have been a retained one, which is old.
    const isEarly = at + display.offset - now > EARLY_MS;
    if (isFirst || isEarly) display.offset = now + DELAY_MS - at;
    display.lastAt = at;
    display.queue.push({ dueAt: Math.max(at + display.offset, now), frame });
    if (display.queue.length > MAX_QUEUED) display.queue.shift();
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
      this.#emit('frame', display);
    }
    if (queue.length > 0) requestAnimationFrame(() => this.#play(display));
  }

  #describe(display) {
    display.timer = undefined;
    if (display.nodes.length > 0) this.#emit('state', display);
  }

  #emit(type, display) {
    this.dispatchEvent(new CustomEvent(type, { detail: display }));
  }
}

/** A display's name; `text` looks up a text in the catalogue. */
export function nameOf({ path }, text) {
  return path || text('panel.hat');
}

/** What a display shows, in words. */
export function showingOf({ showing }, text) {
  return showing?.kind === 'text' ? `“${showing.text}”` : text(`panel.${showing?.kind ?? 'nothing'}`);
}

/** A display in words, for screen readers. */
export function describe(display, text) {
  const lit = display.colors.filter((color) => color !== OFF).length;
  return `${nameOf(display, text)}: ${showingOf(display, text)}. ${text('panel.lit', { count: lit })}`;
}
