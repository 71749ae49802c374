import type { Node, NodeAPI, NodeStatus } from 'node-red';
import { CodedError } from '../../../lib/coded-error';
import type { Connection, ConnectionState } from '../../../lib/nats/connection/connection';
import { NATS_TEXTS, nodeError, statusTextOf } from '../../shared/catalogue';
import type { Handler } from '../../shared/input';
import { statusOf } from '../../shared/status';
import { checkVariables } from '../../shared/variables';
import type { NatsConfigNode } from '../nats-config';

const STATES: Record<Exclude<ConnectionState['name'], 'refused'>, NodeStatus> = {
  connecting: { fill: 'yellow', shape: 'ring', text: 'node-red:common.status.connecting' },
  connected: { fill: 'green', shape: 'dot', text: 'node-red:common.status.connected' },
  disconnected: { fill: 'red', shape: 'ring', text: 'node-red:common.status.disconnected' },
  closed: {},
};

/** What a node needs to know of its connection. */
export interface ConnectionUse {
  /** Throws if the node cannot use the connection. */
  check?(connection: Connection): void;
  /** Called with the state of the connection, now and after each change. */
  onState?(state: ConnectionState): void;
  /** The node closes. It keeps the connection until this resolves. */
  onClose?(): Promise<void>;
}

/**
 * The connection of a node's `nats-config`, for as long as the node lives; the node's status follows it.
 * Throws `NO_SERVER`, `BAD_ENV`, or an error of the settings of the `nats-config`.
 */
export function useConnection(RED: NodeAPI, node: Node, def: { server: string }, use: ConnectionUse = {}): Connection {
  checkVariables(def);
  const config = RED.nodes.getNode(def.server) as NatsConfigNode | null;
  if (!config) throw new CodedError('NO_SERVER');
  const status = statusOf(node);
  const onState = (state: ConnectionState) => {
    const { name, error } = state;
    if (name === 'refused') {
      status.set('refused', { fill: 'red', shape: 'dot', text: statusTextOf(nodeError(RED, NATS_TEXTS, error)) });
    } else {
      status.set(name === 'connected' ? 'state' : 'disconnected', STATES[name]);
    }
    use.onState?.(state);
    // The most important condition last, so that no other one shows in between.
    if (name === 'connected') status.clear('disconnected');
    if (name !== 'refused') status.clear('refused');
  };
  const connection = config.join(onState);
  try {
    use.check?.(connection);
  } catch (error) {
    void config.leave(onState);
    throw error;
  }
  onState(connection.state);
  const leave = () => {
    connection.withdraw(node);
    return config.leave(onState);
  };
  node.on('close', (done: () => void) => {
    const left = use.onClose ? use.onClose().then(leave, leave) : leave();
    left.then(done, done);
  });
  return connection;
}

/** Handles messages, except `msg.action` "connect" and "disconnect", which act for all nodes of the server. */
export function acting(connection: Connection, handle: Handler): Handler {
  return (msg, finish, send) => {
    if (msg.action === 'connect') {
      connection.connect();
      finish();
    } else if (msg.action === 'disconnect') {
      connection.disconnect().then(() => finish(), finish);
    } else {
      handle(msg, finish, send);
    }
  };
}
