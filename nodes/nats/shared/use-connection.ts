import type { Node, NodeAPI, NodeStatus } from 'node-red';
import { CodedError } from '../../../lib/coded-error';
import type { Connection, ConnectionState } from '../../../lib/nats/connection/connection';
import type { Outcome } from '../../../lib/nats/core/publication';
import { NATS_TEXTS, nodeError } from '../../shared/catalogue';
import type { Handler } from '../../shared/input';
import { checkVariables } from '../../shared/variables';
import type { NatsConfigNode } from '../nats-config';

const STATUS: Record<ConnectionState['name'], NodeStatus> = {
  connecting: { fill: 'yellow', shape: 'ring', text: 'node-red:common.status.connecting' },
  connected: { fill: 'green', shape: 'dot', text: 'node-red:common.status.connected' },
  disconnected: { fill: 'red', shape: 'ring', text: 'node-red:common.status.disconnected' },
  refused: { fill: 'red', shape: 'dot', text: 'node-red:common.status.error' },
  closed: {},
};

/** How a node uses its connection. */
export interface ConnectionUse {
  /** Throws if the node cannot use this one. */
  check?(connection: Connection): void;
  /** What the node has to say instead of the state of the connection. */
  status?(state: ConnectionState): NodeStatus | undefined;
}

/**
 * The connection of a node's `nats-config`, for as long as the node lives; the node's status follows it.
 * Throws `NO_SERVER`, `BAD_ENV`, or what is wrong with the settings of the `nats-config`.
 */
export function useConnection(RED: NodeAPI, node: Node, def: { server: string }, use: ConnectionUse = {}): Connection {
  checkVariables(def);
  const config = RED.nodes.getNode(def.server) as NatsConfigNode | null;
  if (!config) throw new CodedError('NO_SERVER');
  const show = (state: ConnectionState) => {
    const own = use.status?.(state);
    if (own) node.status(own);
    else showConnection(RED, node, state);
  };
  const connection = config.join(show);
  try {
    use.check?.(connection);
  } catch (error) {
    void config.leave(show);
    throw error;
  }
  show(connection.state);
  node.on('close', (done: () => void) => {
    connection.withdraw(node);
    config.leave(show).then(done, done);
  });
  return connection;
}

/**
 * For a node that sends: it shows what the server does not allow it, until something goes through. Returns what to call
 * with the outcome of each message.
 */
export function showDenied(RED: NodeAPI, node: Node, connection: Connection): Outcome {
  let isDenied = false;
  return (error) => {
    if (error instanceof CodedError && error.code === 'PERMISSION') {
      isDenied = true;
      node.status({ fill: 'red', shape: 'dot', text: nodeError(RED, NATS_TEXTS, error).message });
    } else if (isDenied && error === undefined) {
      isDenied = false;
      showConnection(RED, node, connection.state);
    }
  };
}

/** Shows how a connection is as the status of a node. */
export function showConnection(RED: NodeAPI, node: Node, state: ConnectionState): void {
  const reason = state.name === 'refused' && { text: nodeError(RED, NATS_TEXTS, state.error).message };
  node.status({ ...STATUS[state.name], ...reason });
}

/** Handles messages; one with `msg.action` "connect" or "disconnect" does that instead, for all nodes of the server. */
export function acting(connection: Connection, handle: Handler): Handler {
  return (msg, finish) => {
    if (msg.action === 'connect') {
      connection.connect();
      finish();
    } else if (msg.action === 'disconnect') {
      connection.disconnect().then(() => finish(), finish);
    } else {
      handle(msg, finish);
    }
  };
}
