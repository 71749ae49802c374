import { aWhile } from './a-while';
import type { Exercise } from './flows/exercise';
import type { Fault } from './scenario';
import type { SingleServer } from './sites/single-server';

/** A fault of the network between the flow and its server. */
type NetworkFault = Fault<SingleServer, Exercise>;

/** No connection is possible for a while. */
export const refusedConnections: NetworkFault = async ({ site: { network }, random }) => {
  network.refuse();
  await aWhile(random);
  network.heal('drop');
};

/** Connections stay open for a while, but nothing gets through; `swallowed` says what then becomes of the bytes. */
const blackHole =
  (swallowed: 'deliver' | 'drop'): NetworkFault =>
  async ({ site: { network }, random }) => {
    network.swallow();
    await aWhile(random);
    network.heal(swallowed);
  };

/** All ways in which the network fails, by name. */
export const NETWORK_FAULTS: Record<string, NetworkFault> = {
  'connections refused': refusedConnections,
  'black hole, bytes lost': blackHole('drop'),
  'black hole, bytes late': blackHole('deliver'),
  'cut in the middle of a message': async ({ site: { network }, random }) => {
    network.cutAfter(1 + random.below(20_000));
  },
};
