import type { TestContext } from 'node:test';
import { type Network, startNetwork } from '../../tools/chaos/sites/network';

/** A network that a test puts between a connection and its server. */
interface NetworkBefore {
  /** Starts it before the server with this URL, until the test ends; resolves with the URL to connect to. */
  proxy(url: string): Promise<string>;
  /** The network, once it has been started. */
  network(): Network;
}

export function networkBefore(t: TestContext): NetworkBefore {
  let started: Network | undefined;
  return {
    proxy: async (url) => {
      const network = await startNetwork(Number(new URL(url).port));
      t.after(() => network.close());
      started = network;
      return network.url;
    },
    network: () => started as Network,
  };
}
