// The simulated HAT of the runtime, which all open editors share; see nodes/sense-hat/simulating.ts.
import { ask } from './ask.js';

/** The shortest time between two requests while a control is dragged. */
const PERIOD_MS = 50;
/** How long the own changes are shown rather than what the runtime sends, which may be older. */
const SETTLE_MS = 400;
/** How often a held key is pressed again: the runtime releases it by itself soon after this page has vanished. */
const HOLD_MS = 1000;

/** Its values, with events: `values` when they have changed, `failure` when a request has failed, or no longer fails. */
export class SimulatedHat extends EventTarget {
  values = {};
  /** The key that this page holds. */
  #held;
  #holding;
  /** Keys are sent one after the other, so that none is released before it is pressed. */
  #keys = Promise.resolve();
  /** Changes that have not been sent. */
  #changes;
  #isSending = false;
  /** What the runtime has sent meanwhile. */
  #received;
  #settling;
  #text;

  /** `text` gives the texts of the Sense HAT nodes. */
  constructor(text) {
    super();
    this.#text = text;
  }

  /** The values of the runtime have changed. */
  receive(values) {
    this.#received = values;
    if (this.#settling === undefined) this.#take();
  }

  /** Changes some values. */
  set(changes) {
    this.values = { ...this.values, ...changes };
    this.#changes = { ...this.#changes, ...changes };
    this.#settle();
    this.dispatchEvent(new CustomEvent('values'));
    void this.#send();
  }

  /** Presses a key until `release` is called, or another key is pressed. */
  press(key) {
    if (key === this.#held) return;
    this.release();
    this.#held = key;
    this.#sendKey({ press: key });
    this.#holding = setInterval(() => this.#sendKey({ press: key }), HOLD_MS);
  }

  /** Releases the key that this page holds. */
  release() {
    if (this.#held === undefined) return;
    clearInterval(this.#holding);
    this.#sendKey({ release: this.#held });
    this.#held = undefined;
  }

  get held() {
    return this.#held;
  }

  #take() {
    if (this.#received === undefined) return;
    this.values = this.#received;
    this.dispatchEvent(new CustomEvent('values'));
  }

  #settle() {
    clearTimeout(this.#settling);
    this.#settling = setTimeout(() => {
      this.#settling = undefined;
      this.#take();
    }, SETTLE_MS);
  }

  async #send() {
    if (this.#isSending) return;
    this.#isSending = true;
    while (this.#changes) {
      const values = this.#changes;
      this.#changes = undefined;
      await Promise.all([this.#try({ values }), new Promise((resolve) => setTimeout(resolve, PERIOD_MS))]);
    }
    this.#isSending = false;
  }

  #sendKey(simulation) {
    this.#keys = this.#keys.then(() => this.#try(simulation));
  }

  async #try(simulation) {
    const reasons = { forbidden: this.#text('simulator.forbidden'), unanswered: this.#text('common.unanswered') };
    try {
      await ask('sense-led/simulate', simulation, reasons);
      this.dispatchEvent(new CustomEvent('failure', { detail: undefined }));
    } catch (failure) {
      this.dispatchEvent(new CustomEvent('failure', { detail: failure }));
    }
  }
}
