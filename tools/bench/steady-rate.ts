import { setTimeout as delay } from 'node:timers/promises';

/** How often messages are sent. */
export const TICK_MS = 5;

/** Calls `send` every few milliseconds with the number of messages that are due. It follows the clock, not the answers. */
export async function atSteadyRate(perSecond: number, seconds: number, send: (due: number) => void): Promise<void> {
  const startedAt = performance.now();
  let sent = 0;
  for (let ms = 0; ms < 1000 * seconds; ms = performance.now() - startedAt) {
    const due = Math.floor((perSecond * ms) / 1000) - sent;
    if (due > 0) send(due);
    sent += due;
    await delay(TICK_MS);
  }
}
