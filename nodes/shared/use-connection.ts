import type { Node, NodeAPI, NodeStatus } from 'node-red';
import { CodedError } from '../../lib/coded-error';
import type { Connection, ConnectionState } from '../../lib/nats/connection';
import type { NatsConfigNode } from '../nats-config';
import { NATS, nodeError } from './catalogue';

const STATUS: Record<ConnectionState['name'], NodeStatus> = {
  connecting: { fill: 'yellow', shape: 'ring', text: 'node-red:common.status.connecting' },
  connected: { fill: 'green', shape: 'dot', text: 'node-red:common.status.connected' },
  disconnected: { fill: 'red', shape: 'ring', text: 'node-red:common.status.disconnected' },
  refused: { fill: 'red', shape: 'dot', text: 'node-red:common.status.error' },
  closed: {},
};

/**
 * The connection of a node's `nats-config`, for as long as the node lives; the node's status follows it.
 * Throws `NO_SERVER`, or what is wrong with the settings of the `nats-config`.
 */
export function useConnection(RED: NodeAPI, node: Node, server: string): Connection {
  const config = RED.nodes.getNode(server) as NatsConfigNode | null;
  if (!config) throw new CodedError('NO_SERVER');
  const show = (state: ConnectionState) => {
    const reason = state.name === 'refused' && { text: nodeError(RED, NATS, state.error).message };
    node.status({ ...STATUS[state.name], ...reason });
  };
  const connection = config.join(show);
  show(connection.state);
  node.on('close', (done: () => void) => config.leave(show).then(done, done));
  return connection;
}
