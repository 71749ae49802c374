import { setTimeout as delay } from 'node:timers/promises';
import type { Random } from '../../scripts/random';
import type { Site } from './site';

/** A temporary fault. Resolves when it is over. */
export type Fault = (site: Site, random: Random) => Promise<unknown>;

/** Most faults are shorter than the client's time-out for a silent server, some are longer, a few fill the outbox. */
function aWhile(random: Random): Promise<void> {
  return delay(random.chance(0.1) ? 5000 : 50 + random.below(1500));
}

/** Faults that the server survives, so that every message it has received reaches the subscribers. */
export const NETWORK_FAULTS: Record<string, Fault> = {
  'connections refused': async ({ network }, random) => {
    network.refuse();
    await aWhile(random);
    network.heal('drop');
  },
  'black hole, bytes lost': async ({ network }, random) => {
    network.swallow();
    await aWhile(random);
    network.heal('drop');
  },
  'black hole, bytes late': async ({ network }, random) => {
    network.swallow();
    await aWhile(random);
    network.heal('deliver');
  },
  'cut in the middle of a message': async ({ network }, random) => {
    network.cutAfter(1 + random.below(20_000));
  },
  'server stopped by SIGSTOP': async (site, random) => {
    const { process } = site.server();
    process.kill('SIGSTOP');
    await aWhile(random);
    process.kill('SIGCONT');
  },
};

/** Faults that end the server, so that messages it has received but not delivered yet are lost. */
export const SERVER_FAULTS: Record<string, Fault> = {
  'server killed by SIGKILL': (site, random) => site.replaceServer(aWhile(random)),
};
