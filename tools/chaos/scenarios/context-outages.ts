import { aWhile } from '../a-while';
import { MEMBERS, sharing } from '../flows/sharing';
import { NETWORK_FAULTS } from '../network-faults';
import { scenario } from '../scenario';
import { startStreamServer } from '../sites/stream-server';

export default scenario({
  title: 'Two Node-REDs share a context while its server is killed and their network fails',
  serversLive: true,
  startSite: startStreamServer,
  startExercise: sharing,
  members: MEMBERS,
  faults: {
    'server killed by SIGKILL': ({ site, random }) => site.replaceServer(aWhile(random)),
    ...NETWORK_FAULTS,
  },
});
