import { aWhile } from '../a-while';
import type { Exercise } from '../flows/exercise';
import { publishing } from '../flows/publishing';
import { type Fault, scenario } from '../scenario';
import { type SingleServer, startSingleServer } from '../sites/single-server';

const HOUR_MS = 3_600_000;

type ClockFault = Fault<SingleServer, Exercise>;

const step =
  (byMs: number): ClockFault =>
  ({ nodeRed }) =>
    nodeRed.stepClock(byMs);

/** The clock steps while messages are held and dials wait for their turn. */
const stepInOutage =
  (byMs: number): ClockFault =>
  async ({ site: { network }, nodeRed, random }) => {
    network.refuse();
    await aWhile(random);
    await nodeRed.stepClock(byMs);
    await aWhile(random);
    network.heal('drop');
  };

const OUTAGES: Record<string, ClockFault> = {
  'an hour forth while connections are refused': stepInOutage(HOUR_MS),
  'an hour back while connections are refused': stepInOutage(-HOUR_MS),
};

export default scenario({
  title: 'The clock steps',
  serversLive: true,
  startSite: startSingleServer,
  // A held message may become a minute old, which none does, and a silent server is found only after long.
  startExercise: () => publishing({ config: { pingIntervalMs: 5000 }, held: { maxAgeMs: 60_000 } }),
  faults: { 'an hour forth': step(HOUR_MS), 'an hour back': step(-HOUR_MS), ...OUTAGES },
  check: ({ exercise, nodeRed }, times) => {
    const broken: string[] = [];
    const { EXPIRED = 0 } = exercise.ledgers.held?.failures ?? {};
    if (EXPIRED > 0) broken.push(`held: ${EXPIRED} messages expired, though none was held for long`);
    const outages = Object.keys(OUTAGES).reduce((sum, name) => sum + (times[name] ?? 0), 0);
    const connects = nodeRed.connectedAtMs.length;
    if (connects > 1 + outages) broken.push(`${connects} connections after ${outages} outages: the clock broke some`);
    return broken;
  },
});
