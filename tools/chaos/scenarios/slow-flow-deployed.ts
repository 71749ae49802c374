import { setTimeout as delay } from 'node:timers/promises';
import { poll } from '../../../scripts/monitoring';
import { CLIENT } from '../flows/exercise';
import { type Part, type SlowFlow, slow } from '../flows/slow';
import { type Fault, type Stage, scenario } from '../scenario';
import { type SingleServer, startSingleServer } from '../sites/single-server';

type SlowFault = Fault<SingleServer, SlowFlow>;

/** More than the 131,072 messages that wait for a slow flow at most. */
const TOO_MANY = 140_000;

/** Deploys a changed part of the flow, or an unchanged flow in full, while messages wait. */
const deploy =
  (type: 'full' | 'flows' | 'nodes', parts: Part[] = [], count?: number): SlowFault =>
  async (stage) => {
    const { exercise, nodeRed, random, site } = stage;
    await exercise.flood(site.peer(), count ?? 1000 + random.below(2000));
    await delay(random.below(100));
    exercise.change(...parts);
    await nodeRed.deploy(exercise.nodes(site.servers), type);
    await subscribed(stage);
  };

/** What is published while nobody is subscribed is lost by contract. */
async function subscribed({ exercise, site }: Stage<SingleServer, SlowFlow>): Promise<void> {
  const isWhole = (subscriptions: string[]) => subscriptions.join() === exercise.subscriptions.join();
  await poll(
    async () => (await site.connections()).filter(({ name }) => name === CLIENT),
    (found) => found.length === 1 && found.every(({ subscriptions }) => isWhole(subscriptions)),
  );
}

export default scenario({
  title: 'A slow flow is deployed while messages wait',
  serversLive: true,
  startSite: startSingleServer,
  startExercise: slow,
  warmUp: deploy('full', [], TOO_MANY),
  faults: {
    'full deploy': deploy('full'),
    'full deploy after more messages than can wait': deploy('full', [], TOO_MANY),
    'deploy of the changed flow': deploy('flows', ['slow']),
    'deploy of the subscribing node': deploy('nodes', ['subscribe']),
    'deploy of the slow node': deploy('nodes', ['slow']),
    'deploy of the slow node and another subscription': deploy('nodes', ['slow', 'other']),
    'deploy of the server settings': deploy('nodes', ['server']),
    'deploy of another node': deploy('nodes', ['bystander']),
  },
});
