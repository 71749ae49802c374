import { aWhile } from '../a-while';
import { publishing } from '../flows/publishing';
import { NETWORK_FAULTS } from '../network-faults';
import { scenario } from '../scenario';
import { startSingleServer } from '../sites/single-server';

export default scenario({
  title: 'The network fails, and the server freezes',
  serversLive: true,
  startSite: startSingleServer,
  startExercise: publishing,
  faults: {
    ...NETWORK_FAULTS,
    'server stopped by SIGSTOP': async ({ site, random }) => {
      const { process } = site.server();
      process.kill('SIGSTOP');
      await aWhile(random);
      process.kill('SIGCONT');
    },
  },
});
