/** A longer call hangs: setting up a chip takes 0.2 s, and a kernel driver needs up to 0.6 s for a vector. */
const LIMIT_MS = 5000;

/** The limit is counted in steps, because a process that is busy for long sees an expired timer before its results. */
const STEPS = 10;

/**
 * Runs calls one after the other. When one does not end in time it rejects with `ETIMEDOUT`, and so does every other
 * until it has ended: each would block one more of the four threads of the pool, and with them all of Node.js.
 */
export class Turns {
  private last: Promise<unknown> = Promise.resolve();
  private isStuck = false;

  constructor(private readonly limitMs = LIMIT_MS) {}

  run<T>(call: () => Promise<T>): Promise<T> {
    const turn = this.last.then(() => {
      if (this.isStuck) throw timedOut();
      return this.limited(call());
    });
    this.last = turn.catch(() => {});
    return turn;
  }

  private limited<T>(running: Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      let steps = 0;
      const limit = setInterval(() => {
        if (++steps < STEPS) return;
        clearInterval(limit);
        this.isStuck = true;
        reject(timedOut());
      }, this.limitMs / STEPS);
      const end = () => {
        clearInterval(limit);
        this.isStuck = false;
      };
      running.finally(end).then(resolve, reject);
    });
  }
}

const turns = new Map<string, Turns>();

/** The turns of a bus, by its path. A call that hangs outlives those who made it, and those who come next wait for it. */
export function turnsOf(bus: string): Turns {
  const found = turns.get(bus) ?? new Turns();
  turns.set(bus, found);
  return found;
}

function timedOut(): NodeJS.ErrnoException {
  return Object.assign(new Error('the bus is stuck'), { code: 'ETIMEDOUT' });
}
