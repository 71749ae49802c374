import { connectionsOf, MONITORED } from '../../../scripts/monitoring';
import { type NatsServer, startNatsServer } from '../../../scripts/nats-server';
import { type Network, startNetwork } from './network';
import type { Hear, Site } from './site';
import { startWitness, WITNESS } from './witness';

/** One server behind a network. */
export interface SingleServer extends Site {
  network: Network;
  server(): NatsServer;
  /** Kills the server and starts a new one after a while; the network refuses connections until the witness is back. */
  replaceServer(away: Promise<void>): Promise<void>;
}

/** Starts a server whose witness subscribes to `chaos.>`; `config` is added to its configuration. */
export async function startSingleServer(hear: Hear, config = ''): Promise<SingleServer> {
  const options = { config: `${MONITORED}\n${config}` };
  let server = await startNatsServer(options);
  let witness = await startWitness(server, hear);
  const network = await startNetwork(server.port);
  return {
    network,
    server: () => server,
    replaceServer: async (away) => {
      const killed = server.stop();
      network.refuse();
      await Promise.all([killed, witness.close(), away]);
      server = await startNatsServer(options);
      witness = await startWitness(server, hear);
      network.redirect(server.port);
      network.heal('drop');
    },
    servers: network.url,
    witnesses: [WITNESS],
    connections: () => connectionsOf(server),
    peer: () => witness,
    flush: () => witness.flush(),
    stop: async () => {
      network.close();
      await witness.close();
      await server.stop();
    },
  };
}
