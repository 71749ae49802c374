// Questions of the NATS tab to the runtime; see nodes/nats/tab.
import { ask as askRuntime } from '../ask.js';

export const text = (key, values) => RED._(`@natshat/node-red/nats-config:${key}`, values);

/** Resolves with an answer, or rejects with an Error whose message is for people. */
export function ask(question, fields = {}) {
  const reasons = { forbidden: text('panel.forbidden'), unanswered: text('common.unanswered') };
  return askRuntime(`nats-tab/${question}`, fields, reasons);
}

/** Asks again and again while it runs: `again` is called at once, and `periodMs` after each time that it has ended. */
export class Polling {
  #again;
  #periodMs;
  #timer;
  #round = 0;
  #isRunning = false;

  constructor(again, periodMs) {
    this.#again = again;
    this.#periodMs = periodMs;
  }

  /** Begins, or asks at once if it runs. */
  start() {
    this.stop();
    this.#isRunning = true;
    void this.#run(this.#round);
  }

  stop() {
    this.#isRunning = false;
    this.#round++;
    clearTimeout(this.#timer);
  }

  /** Starts or stops. */
  toggle(isOn) {
    if (isOn) this.start();
    else this.stop();
  }

  /** Asks at once if it runs. */
  hurry() {
    if (this.#isRunning) this.start();
  }

  async #run(round) {
    // `isCurrent` tells whether an answer still counts.
    await this.#again(() => round === this.#round);
    if (round === this.#round) this.#timer = setTimeout(() => this.#run(round), this.#periodMs);
  }
}

/** Calls back with whether an element is in sight, at each change: it is not if its page, or what it is in, is hidden. */
export function watchSight(element, onChange) {
  let isShown = false;
  let isSeen = false;
  const update = () => {
    const now = isShown && document.visibilityState === 'visible';
    if (now === isSeen) return;
    isSeen = now;
    onChange(isSeen);
  };
  new IntersectionObserver((entries) => {
    isShown = entries.at(-1).isIntersecting;
    update();
  }).observe(element);
  document.addEventListener('visibilitychange', update);
}
