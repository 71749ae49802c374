import { aWhile } from '../a-while';
import { publishing } from '../flows/publishing';
import { scenario } from '../scenario';
import { startSingleServer } from '../sites/single-server';

export default scenario({
  title: 'The network fails, and the server freezes',
  serversLive: true,
  startSite: startSingleServer,
  startExercise: publishing,
  faults: {
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
    'server stopped by SIGSTOP': async ({ site, random }) => {
      const { process } = site.server();
      process.kill('SIGSTOP');
      await aWhile(random);
      process.kill('SIGCONT');
    },
  },
});
