import { aWhile } from '../a-while';
import { CLIENT } from '../flows/exercise';
import { publishing } from '../flows/publishing';
import { scenario } from '../scenario';
import { startCluster } from '../sites/cluster';

export default scenario({
  title: 'Members of a cluster freeze, leave and restart',
  serversLive: true,
  startSite: startCluster,
  startExercise: publishing,
  faults: {
    'the member of the flow stopped by SIGSTOP': async ({ site, random }) => {
      const home = await site.homeOf(CLIENT);
      home.server.process.kill('SIGSTOP');
      await aWhile(random);
      home.server.process.kill('SIGCONT');
    },
    'the member of the flow leaves (lame duck)': async ({ site, random }) => {
      const home = await site.homeOf(CLIENT);
      await home.leave();
      await aWhile(random);
      await site.restart(home);
    },
    'rolling restart': async ({ site }) => {
      for (const member of site.members) {
        await member.leave();
        await site.restart(member);
      }
    },
  },
});
