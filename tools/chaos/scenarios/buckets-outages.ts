import { aWhile } from '../a-while';
import { makeBucket, watching } from '../flows/watching';
import { NETWORK_FAULTS } from '../network-faults';
import { scenario } from '../scenario';
import { startStreamServer } from '../sites/stream-server';

export default scenario({
  title: 'The server of a watched bucket is killed, and its network fails',
  serversLive: true,
  startSite: async (hear) => {
    const site = await startStreamServer(hear);
    await makeBucket(site.peer());
    return site;
  },
  startExercise: watching,
  faults: {
    'server killed by SIGKILL': ({ site, random }) => site.replaceServer(aWhile(random)),
    ...NETWORK_FAULTS,
  },
  check: ({ exercise: { leftConsumers } }) =>
    leftConsumers === 0 ? [] : [`the bucket has ${leftConsumers} consumers more than watches`],
});
