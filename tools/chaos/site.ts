import { connect, type NatsConnection } from 'nats';
import { MONITORED } from '../../scripts/monitoring';
import { type NatsServer, startNatsServer } from '../../scripts/nats-server';
import { type Network, startNetwork } from './network';

/** What the flows have around them: a server, a network that leads to it, and a witness with a line of its own. */
export interface Site {
  network: Network;
  server(): NatsServer;
  /** Ends the server without notice, and starts one anew after a while; the network refuses until the witness listens. */
  replaceServer(away: Promise<void>): Promise<void>;
  /** Resolves when the witness has got all that the server has for it. */
  heardAll(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts a site whose witness hears all messages to the subjects `chaos.>`. */
export async function startSite(onMessage: (subject: string, data: Uint8Array) => void): Promise<Site> {
  let server = await startNatsServer({ config: MONITORED });
  let witness = await startWitness(server, onMessage);
  const network = await startNetwork(server.port);
  return {
    network,
    server: () => server,
    replaceServer: async (away) => {
      const killed = server.stop();
      network.refuse();
      await Promise.all([killed, witness.close(), away]);
      server = await startNatsServer({ config: MONITORED });
      witness = await startWitness(server, onMessage);
      network.lead(server.port);
      network.heal('is lost');
    },
    heardAll: () => witness.flush(),
    stop: async () => {
      network.close();
      await witness.close();
      await server.stop();
    },
  };
}

async function startWitness(
  { url }: NatsServer,
  onMessage: (subject: string, data: Uint8Array) => void,
): Promise<NatsConnection> {
  const witness = await connect({ servers: url, name: 'witness', reconnect: false });
  witness.subscribe('chaos.>', { callback: (_, { subject, data }) => onMessage(subject, data) });
  await witness.flush();
  return witness;
}
