import { connect, type NatsConnection } from 'nats';
import { MONITORED } from '../../scripts/monitoring';
import { type NatsServer, startNatsServer } from '../../scripts/nats-server';
import { type Network, startNetwork } from './network';

/** The surroundings of the flow: a server, a network in between, and a witness with a direct connection. */
export interface Site {
  network: Network;
  server(): NatsServer;
  /** Kills the server and starts a new one after a while; the network refuses connections until the witness is back. */
  replaceServer(away: Promise<void>): Promise<void>;
  /** Resolves when the witness has received all messages that the server has for it. */
  flushWitness(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts a site whose witness subscribes to `chaos.>`. */
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
      network.redirect(server.port);
      network.heal('drop');
    },
    flushWitness: () => witness.flush(),
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
