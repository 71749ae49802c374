import { setTimeout as delay } from 'node:timers/promises';
import { aWhile } from '../a-while';
import { REMEMBERED_MIB, relaying, SOURCE_STREAM } from '../flows/relaying';
import { NETWORK_FAULTS } from '../network-faults';
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
    ...NETWORK_FAULTS,
  },
});
