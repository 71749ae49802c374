import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect } from 'nats';
import { freePort } from '../../../scripts/free-port';
import { MONITORED, poll, routesOf } from '../../../scripts/monitoring';
import { type NatsServer, startNatsServer } from '../../../scripts/nats-server';
import { makeTemporaryFolder } from '../../../scripts/temporary';

/** Starts one server, or a cluster, which stores streams in files; connected to the first one. */
export async function startServers(count: number) {
  const folder = makeTemporaryFolder('scaling');
  const ports = await Promise.all(Array.from({ length: count }, freePort));
  const routes = ports.map((port) => JSON.stringify(`nats://127.0.0.1:${port}`)).join(', ');
  const servers: NatsServer[] = [];
  for (const [index, port] of ports.entries()) {
    const cluster = `cluster { name: scaling, listen: "127.0.0.1:${port}", routes: [${routes}] }`;
    const config = `
      server_name: "server-${index + 1}"
      ${MONITORED}
      jetstream { store_dir: ${JSON.stringify(`${folder.path}/${index + 1}`)} }
      ${count > 1 ? cluster : ''}
    `;
    servers.push(await startNatsServer({ config }));
  }
  for (const server of servers) {
    await poll(
      () => routesOf(server),
      (routes) => routes === count - 1,
    );
  }
  const [first] = servers as [NatsServer];
  const nc = await connect({ servers: first.url, ignoreClusterUpdates: true });
  const { streams } = await jetstreamManager(nc, { checkAPI: false });
  return {
    urls: servers.map(({ url }) => url),
    nc,
    js: jetstream(nc),
    removeStream: (name: string) => streams.delete(name),
    stop: async () => {
      await nc.close();
      for (const { stop } of servers) await stop();
      folder.remove();
    },
  };
}

export type Servers = Awaited<ReturnType<typeof startServers>>;
