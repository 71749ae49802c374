import { connect, type NatsConnection, type NatsConnectionImpl, type NodeConnectionOptions, Servers } from 'nats';
import './transport';

/**
 * Connects to one of the servers, each of which is tried once; the connection then knows all of them, and those of which
 * the server tells.
 *
 * The client alone would dial the members of a cluster that refuses it in turn, without a pause and without end, as each
 * tells of the others first; and forget the servers that it has tried in vain.
 */
export async function dial(options: NodeConnectionOptions): Promise<NatsConnection> {
  const nc = await connect({ ...options, ignoreClusterUpdates: true });
  const { protocol, options: own } = nc as NatsConnectionImpl;
  const { servers } = protocol;
  const known = servers.getServers();
  const isNew = (listen: string) => known.every((server) => server.listen !== listen);
  const settings = new Servers([options.servers ?? []].flat());
  known.push(...settings.getServers().filter(({ listen }) => isNew(listen)));
  own.ignoreClusterUpdates = options.ignoreClusterUpdates ?? false;
  if (nc.info && !options.ignoreClusterUpdates) {
    const isEncrypted = protocol.transport.isEncrypted();
    servers.update(nc.info, isEncrypted);
    if (isEncrypted) servers.updateTLSName();
  }
  return nc;
}
