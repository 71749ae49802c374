import { aWhile } from '../a-while';
import { publishing } from '../flows/publishing';
import { scenario } from '../scenario';
import { startSingleServer } from '../sites/single-server';

export default scenario({
  title: 'The only server is killed',
  serversLive: false,
  startSite: startSingleServer,
  startExercise: publishing,
  faults: {
    'server killed by SIGKILL': ({ site, random }) => site.replaceServer(aWhile(random)),
  },
});
