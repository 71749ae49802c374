import type { Node, NodeAPI } from 'node-red';
import { CodedError } from '../../../lib/coded-error';
import type { Connection } from '../../../lib/nats/connection/connection';
import type { Endpoint } from '../../../lib/nats/services/endpoint';
import type { Service } from '../../../lib/nats/services/service';
import { NATS_TEXTS, nodeError, statusTextOf } from '../../shared/catalogue';
import { statusOf } from '../../shared/status';

/** The live `nats-service` node: it shares one service among the nodes that are its endpoints. */
export interface NatsServiceNode extends Node {
  /**
   * The service on a connection of its server. Throws `BAD_SERVICE` for a connection of another server, or an error of
   * the settings.
   */
  serviceOn(connection: Connection): Service;
}

/**
 * Makes a node an endpoint of a `nats-service`, by its id, for as long as the node lives or until the returned function
 * is called. The node's status says when others cannot find the service. `connection` is the node's own. Throws
 * `BAD_SERVICE`, `BAD_ENDPOINT`, or an error of the settings of the `nats-service`.
 */
export function useService(
  RED: NodeAPI,
  node: Node,
  id: string,
  connection: Connection,
  endpoint: Endpoint,
): () => Promise<void> {
  const config = RED.nodes.getNode(id) as NatsServiceNode | null;
  if (!config) throw new CodedError('BAD_SERVICE-missing');
  const status = statusOf(node);
  const service = config.serviceOn(connection);
  service.add(endpoint, (trouble) => {
    if (!trouble) return status.clear('undiscoverable');
    const text = statusTextOf(nodeError(RED, NATS_TEXTS, trouble));
    status.set('undiscoverable', { fill: 'yellow', shape: 'dot', text });
  });
  const leave = () => service.remove(endpoint);
  node.on('close', (done: () => void) => leave().then(done, done));
  return leave;
}
