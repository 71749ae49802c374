import { aWhile } from '../a-while';
import { CLIENT } from '../flows/exercise';
import { publishing } from '../flows/publishing';
import { sharedClockMs } from '../node-red/measure';
import { scenario } from '../scenario';
import { startCluster } from '../sites/cluster';

export default scenario({
  title: 'A member of a cluster is killed',
  serversLive: false,
  startSite: startCluster,
  startExercise: publishing,
  faults: {
    'the member of the flow killed by SIGKILL': async ({ site, nodeRed, random, note }) => {
      const home = await site.homeOf(CLIENT);
      const killedAtMs = sharedClockMs();
      await home.kill();
      note('failover, from the kill to the next connection', (await nodeRed.connectedAfter(killedAtMs)) - killedAtMs);
      await aWhile(random);
      await site.restart(home);
    },
    'another member killed by SIGKILL': async ({ site, random }) => {
      const home = await site.homeOf(CLIENT);
      const other = random.of(site.members.filter((member) => member !== home));
      await other.kill();
      await aWhile(random);
      await site.restart(other);
    },
  },
});
