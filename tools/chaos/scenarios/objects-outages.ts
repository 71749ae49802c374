import { aWhile } from '../a-while';
import { objects } from '../flows/objects';
import { NETWORK_FAULTS } from '../network-faults';
import { scenario } from '../scenario';
import { startStreamServer } from '../sites/stream-server';

export default scenario({
  title: 'Objects are put and read while the server is killed and its network fails',
  serversLive: true,
  startSite: startStreamServer,
  startExercise: objects,
  mayGrowMiB: 32,
  faults: {
    'server killed by SIGKILL': ({ site, random }) => site.replaceServer(aWhile(random)),
    ...NETWORK_FAULTS,
  },
  check: ({ exercise }) => exercise.problems(),
});
