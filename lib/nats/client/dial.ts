import { type NatsConnection, NatsConnectionImpl, type NodeConnectionOptions, Servers } from 'nats';
import { Protocol } from './protocol';

/**
 * Connects to one of the servers, each of which is tried once; the connection then knows all of them, and those of which
 * the server tells.
 *
 * The client alone would dial the members of a cluster that refuses it in turn, without a pause and without end, as each
 * tells of the others first; and forget the servers that it has tried in vain.
 */
export async function dial(options: NodeConnectionOptions): Promise<NatsConnection> {
  // Its types hide the constructor.
  const nc: NatsConnectionImpl = Reflect.construct(NatsConnectionImpl, [{ ...options, ignoreClusterUpdates: true }]);
  const protocol = new Protocol(nc.options, nc);
  await protocol.dialLoop();
  nc.protocol = protocol;
  const { servers } = protocol;
  const known = servers.getServers();
  const isNew = (listen: string) => known.every((server) => server.listen !== listen);
  const settings = new Servers([options.servers ?? []].flat());
  known.push(...settings.getServers().filter(({ listen }) => isNew(listen)));
  nc.options.ignoreClusterUpdates = options.ignoreClusterUpdates ?? false;
  if (nc.info && !options.ignoreClusterUpdates) {
    const isEncrypted = protocol.transport.isEncrypted();
    servers.update(nc.info, isEncrypted);
    if (isEncrypted) servers.updateTLSName();
  }
  return nc as NatsConnection;
}
