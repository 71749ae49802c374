import { setTimeout as delay } from 'node:timers/promises';
import { makeStreams, REMEMBERED_MIB, relaying } from '../flows/relaying';
import { scenario } from '../scenario';
import type { SingleServer } from '../sites/single-server';
import type { Hear } from '../sites/site';
import { startStreamServer } from '../sites/stream-server';

const ACK_WAIT_MS = 1000;
const MAY_TAKE_MS = 1000;

const RELAYS = {
  slow: { slow: { oneOf: 100, ms: 2.5 * ACK_WAIT_MS } },
  late: { consume: { mayTakeS: MAY_TAKE_MS / 1000 }, slow: { oneOf: 100, ms: 2.5 * MAY_TAKE_MS, first: true } },
};

async function startSite(hear: Hear): Promise<SingleServer> {
  const site = await startStreamServer(hear);
  await makeStreams(site.peer(), Object.keys(RELAYS), ACK_WAIT_MS);
  return site;
}

export default scenario({
  title: 'A flow is slower than the ack wait, or than it may be',
  serversLive: true,
  startSite,
  startExercise: () => relaying(RELAYS, 0.5),
  mayGrowMiB: REMEMBERED_MIB,
  faults: {
    'messages that take longer than the ack wait': () => delay(2000),
    'Node-RED stopped by SIGSTOP for longer than the ack wait': async ({ nodeRed }) => {
      nodeRed.process.kill('SIGSTOP');
      await delay(1.5 * ACK_WAIT_MS);
      nodeRed.process.kill('SIGCONT');
    },
  },
  check: ({ exercise }) =>
    exercise.failures('late', 'ACK_TIMEOUT') > 0 ? [] : ['no node has told of messages that take too long'],
});
