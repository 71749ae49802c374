import { setTimeout as delay } from 'node:timers/promises';
import type { Random } from '../../scripts/random';
import type { Site } from './site';

/** Something that goes wrong for a while. Resolves when it is over. */
export type Fault = (site: Site, random: Random) => Promise<unknown>;

/** Most are shorter than the client's patience with a silent server, some longer, and some outlast the outbox. */
function aWhile(random: Random): Promise<void> {
  return delay(random.chance(0.1) ? 5000 : 50 + random.below(1500));
}

/** The server lives on: what it has taken reaches whoever listens. */
export const NETWORK_FAULTS: Record<string, Fault> = {
  'connections refused': async ({ network }, random) => {
    network.refuse();
    await aWhile(random);
    network.heal('is lost');
  },
  'black hole, bytes lost': async ({ network }, random) => {
    network.swallow();
    await aWhile(random);
    network.heal('is lost');
  },
  'black hole, bytes late': async ({ network }, random) => {
    network.swallow();
    await aWhile(random);
    network.heal('comes late');
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

/** The server dies, and with it what it has taken and not yet passed on. */
export const SERVER_FAULTS: Record<string, Fault> = {
  'server killed by SIGKILL': (site, random) => site.replaceServer(aWhile(random)),
};
