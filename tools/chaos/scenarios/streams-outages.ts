import { setTimeout as delay } from 'node:timers/promises';
import { aWhile } from '../a-while';
import { REMEMBERED_MIB, relaying, SOURCE_STREAM } from '../flows/relaying';
import { scenario } from '../scenario';
import { startStreamServer } from '../sites/stream-server';
import { hurry } from '../stream-api';

export default scenario({
  title: 'The server of streams is killed, and its network fails',
  serversLive: true,
  startSite: startStreamServer,
  startExercise: () => relaying({ durable: {}, own: { consume: { durable: '' } } }),
  mayGrowMiB: REMEMBERED_MIB,
  warmUp: async ({ site }) => {
    await delay(2000);
    await hurry(site.peer(), SOURCE_STREAM, 2000);
  },
  faults: {
    'server killed by SIGKILL': ({ site, random }) => site.replaceServer(aWhile(random)),
    'connections refused': async ({ site: { network }, random }) => {
      network.refuse();
      await aWhile(random);
      network.heal('drop');
    },
    'black hole, bytes lost': async ({ site: { network }, random }) => {
      network.swallow();
      await aWhile(random);
      network.heal('drop');
    },
    'black hole, bytes late': async ({ site: { network }, random }) => {
      network.swallow();
      await aWhile(random);
      network.heal('deliver');
    },
    'cut in the middle of a message': async ({ site: { network }, random }) => {
      network.cutAfter(1 + random.below(20_000));
    },
  },
});
