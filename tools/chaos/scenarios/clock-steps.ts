import { aWhile } from '../a-while';
import type { Exercise } from '../flows/exercise';
import { publishing } from '../flows/publishing';
import { sharedClockMs } from '../node-red/measure';
import { type Fault, scenario } from '../scenario';
import { type SingleServer, startSingleServer } from '../sites/single-server';

const HOUR_MS = 3_600_000;

/** The clock steps, and then the connections break, or the other way round; the flow has to connect again at once. */
const step =
  (byMs: number, when: 'before' | 'during'): Fault<SingleServer, Exercise> =>
  async ({ site: { network }, nodeRed, random }) => {
    if (when === 'before') await nodeRed.stepClock(byMs);
    await aWhile(random);
    network.refuse();
    await aWhile(random);
    if (when === 'during') await nodeRed.stepClock(byMs);
    const healedAtMs = sharedClockMs();
    network.heal('drop');
    await nodeRed.connectedAfter(healedAtMs);
  };

export default scenario({
  title: 'The clock steps',
  serversLive: true,
  startSite: startSingleServer,
  // A held message may become a minute old, which none does, and a silent server is found only after long.
  startExercise: () => publishing({ config: { pingIntervalMs: 5000 }, held: { maxAgeMs: 60_000 } }),
  faults: {
    'an hour forth, then connections refused': step(HOUR_MS, 'before'),
    'an hour back, then connections refused': step(-HOUR_MS, 'before'),
    'an hour forth while connections are refused': step(HOUR_MS, 'during'),
    'an hour back while connections are refused': step(-HOUR_MS, 'during'),
  },
  check: ({ exercise, nodeRed }, times) => {
    const broken: string[] = [];
    const { EXPIRED = 0 } = exercise.ledgers.held?.failures ?? {};
    if (EXPIRED > 0) broken.push(`held: ${EXPIRED} messages expired, though none was held for long`);
    const outages = Object.values(times).reduce((sum, count) => sum + count, 0);
    const connects = nodeRed.connectedAtMs.length;
    if (connects > 1 + outages) broken.push(`${connects} connections after ${outages} outages: the clock broke some`);
    return broken;
  },
});
