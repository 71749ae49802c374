// The runtime's displays: their states, and the frames of those that are looked at; see nodes/sense-hat/broadcast.ts.
import { OFF, seen } from './light.js';
import { decodeFrame } from './matrix.js';

// The editor's connection delivers messages in bursts of 50 ms, so frames are drawn with this delay, at an even pace.
const DELAY_MS = 110;
// After a pause of this length the clocks of runtime and browser are synchronized again.
const PAUSE_MS = 2000;
// So they are if a frame would wait longer than this, which is more than bursts explain.
const EARLY_MS = 300;
// Each animation frame of the browser draws one frame, so that every frame is seen; later ones than this are skipped.
const LATE_MS = 300;
// The longest queue: a window that has just been hidden draws nothing.
const MAX_QUEUED = 200;
// How often the description of a display is updated while its frames change.
const DESCRIBE_MS = 1000;

/**
 * All displays, with events about each: `state` when its description has changed, `frame` when its colours have, `gone`
 * when no node uses it any more. The event's `detail` is the display.
 */
export class Displays extends EventTarget {
  #byKey = new Map();
  #ask;
  /** The displays that are looked at, by who looks. */
  #watched = new Map();
  /** The keys that the runtime was asked for. */
  #asked = '';
  #isAsking = false;
  #isPlaying = false;
  /** The runtime's clock plus this is when to draw: one for all displays, so that those of a wall stay in step. */
  #offset = 0;
  /** When the last frame was shown, by the runtime's clock. */
  #lastAt = Infinity;

  /** `ask` asks the runtime for the frames of the displays with these keys, instead of those before. */
  constructor(ask) {
    super();
    this.#ask = ask;
    document.addEventListener('visibilitychange', () => this.#askSoon());
  }

  /** The displays that nodes use: `{key, path, nodes, showing, queued, colors}`. */
  get all() {
    return [...this.#byKey.values()];
  }

  /** Someone looks at these displays, instead of those before: only their colours are up to date. */
  watch(viewer, displays) {
    this.#watched.set(viewer, displays);
    this.#askSoon();
  }

  receive(topic, data) {
    const [, kind, key] = topic.split('/');
    if (kind === 'frames') this.#receiveFrames(data);
    else if (kind === 'state') this.#receiveState(key, data);
  }

  /** Forgets all displays, which the runtime is about to send again over a new connection. */
  clear() {
    for (const display of this.#byKey.values()) this.#forget(display);
    this.#asked = '';
    this.#lastAt = Infinity;
  }

  #receiveState(key, state) {
    const display = this.#byKey.get(key) ?? { key, colors: [], queue: [] };
    if (state.nodes.length === 0) return this.#forget(display);
    this.#byKey.set(key, display);
    this.#emit('state', Object.assign(display, { showing: undefined }, state));
    this.#askSoon();
  }

  #forget(display) {
    this.#byKey.delete(display.key);
    clearTimeout(display.timer);
    display.queue.length = 0;
    this.#emit('gone', display);
    this.#askSoon();
  }

  /** Asks once after all changes of a turn. */
  #askSoon() {
    if (this.#isAsking) return;
    this.#isAsking = true;
    queueMicrotask(() => {
      this.#isAsking = false;
      const watched = new Set(document.hidden ? [] : [...this.#watched.values()].flat());
      const keys = this.all.filter((display) => watched.has(display)).map(({ key }) => key);
      const asked = keys.join(' ');
      if (asked === this.#asked) return;
      this.#asked = asked;
      this.#ask(keys);
    });
  }

  #receiveFrames(messages) {
    const now = performance.now();
    for (const { at } of messages) if (at !== undefined) this.#synchronize(at, now);
    for (const message of messages) this.#queue(message, now);
    if (this.#isPlaying) return;
    this.#isPlaying = true;
    requestAnimationFrame(() => this.#play());
  }

  #synchronize(at, now) {
    const isFirst = at < this.#lastAt || at - this.#lastAt > PAUSE_MS;
    // The frame that the clocks were synchronized with may have been late.
    const isEarly = at + this.#offset - now > EARLY_MS;
    if (isFirst || isEarly) this.#offset = now + DELAY_MS - at;
    this.#lastAt = at;
  }

  #queue({ key, frame, at }, now) {
    const display = this.#byKey.get(key);
    if (!display) return;
    const { queue } = display;
    // One that was there before replaces all others.
    if (at === undefined) queue.length = 0;
    queue.push({ dueAt: at === undefined ? now : Math.max(at + this.#offset, now), frame });
    if (queue.length > MAX_QUEUED) queue.shift();
  }

  #play() {
    const now = performance.now();
    for (const display of this.all) this.#advance(display, now);
    this.#isPlaying = this.all.some(({ queue }) => queue.length > 0);
    if (this.#isPlaying) requestAnimationFrame(() => this.#play());
  }

  #advance(display, now) {
    const { queue } = display;
    let next;
    while (queue[0]?.dueAt <= now) {
      next = queue.shift();
      if (!(now - queue[0]?.dueAt > LATE_MS)) break;
    }
    if (!next) return;
    display.colors = decodeFrame(next.frame);
    display.timer ??= setTimeout(() => this.#describe(display), DESCRIBE_MS);
    this.#emit('frame', display);
  }

  #describe(display) {
    display.timer = undefined;
    this.#emit('state', display);
  }

  #emit(type, display) {
    this.dispatchEvent(new CustomEvent(type, { detail: display }));
  }
}

/** A display's name; `text` looks up a text in the catalogue. */
export function nameOf({ path }, text) {
  const [, tile] = /^tile (\d,\d) of /.exec(path) ?? [];
  return tile ? text('panel.tile', { hat: text('panel.hat'), tile }) : path || text('panel.hat');
}

/** What a display shows, in words. */
export function showingOf({ showing }, text) {
  return showing?.kind === 'text' ? `“${showing.text}”` : text(`panel.${showing?.kind ?? 'nothing'}`);
}

/** A display in words, for screen readers. */
export function describe(display, text) {
  const lit = display.colors.filter((color) => seen(color) !== OFF).length;
  return `${nameOf(display, text)}: ${showingOf(display, text)}. ${text('panel.lit', { count: lit })}`;
}
