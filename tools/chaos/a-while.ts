import { setTimeout as delay } from 'node:timers/promises';
import type { Random } from '../../scripts/random';

/** Most faults are shorter than the client's time-out for a silent server, some are longer, a few fill the outbox. */
export function aWhile(random: Random): Promise<void> {
  return delay(random.chance(0.1) ? 5000 : 50 + random.below(1500));
}
