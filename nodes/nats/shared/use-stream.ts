import type { Node, NodeAPI, NodeStatus } from 'node-red';
import { CodedError } from '../../../lib/coded-error';
import type { Connection } from '../../../lib/nats/connection/connection';
import type { StreamListener } from '../../../lib/nats/jetstream/shared-stream';
import type { Stream, StreamState } from '../../../lib/nats/jetstream/stream';
import { NATS_TEXTS, nodeError, sentenceOf, statusTextOf } from '../../shared/catalogue';
import { type Condition, statusOf } from '../../shared/status';

/** The live `nats-stream` node: it shares one stream among the nodes that join it. */
export interface NatsStreamNode extends Node {
  /** The id of its `nats-config`. */
  server: string;
  /**
   * The stream on a connection of that server, looked after until its last user leaves; `onState` receives what is
   * known of it. Throws `BAD_STREAM` for a connection of another server, or an error of the settings.
   */
  join(connection: Connection, onState: StreamListener): Stream;
  leave(connection: Connection, onState: StreamListener): void;
}

/**
 * The stream of a `nats-stream`, by its id, for as long as the node lives. The node's status shows if it cannot be used
 * or is not as its settings say; `onState` hears of it too. `connection` is the node's own. Throws `BAD_STREAM`, or an
 * error of the settings of the `nats-stream`.
 */
export function useStream(
  RED: NodeAPI,
  node: Node,
  id: string,
  connection: Connection,
  onState: (state: StreamState) => void = () => {},
): Stream {
  const config = streamNode(RED, id);
  const status = statusOf(node);
  const show = (condition: Condition, look: NodeStatus, error: CodedError | undefined) => {
    if (error) status.set(condition, { ...look, text: statusTextOf(nodeError(RED, NATS_TEXTS, error)) });
    else status.clear(condition);
  };
  const listener = (state: StreamState) => {
    show('unusable', { fill: 'red', shape: 'ring' }, state.error);
    show('differs', { fill: 'yellow', shape: 'dot' }, state.differs);
    onState(state);
  };
  const stream = config.join(connection, listener);
  node.on('close', () => config.leave(connection, listener));
  return stream;
}

/** Shows and logs how something on the server is not as the settings of a node say, once for each difference. */
export function showDifference(
  RED: NodeAPI,
  node: Node,
  condition: Condition = 'differs',
): (error: CodedError | undefined) => void {
  const status = statusOf(node);
  return (error) => {
    if (!error) {
      status.clear(condition);
      return;
    }
    const difference = nodeError(RED, NATS_TEXTS, error);
    const shown: NodeStatus = { fill: 'yellow', shape: 'dot', text: statusTextOf(difference) };
    if (status.set(condition, shown)) node.warn(sentenceOf(difference));
  };
}

/** A `nats-stream`, by its id. Throws `BAD_STREAM` if there is none. */
export function streamNode(RED: NodeAPI, id: string | undefined): NatsStreamNode {
  const config = id ? (RED.nodes.getNode(id) as NatsStreamNode | null) : null;
  if (!config) throw new CodedError('BAD_STREAM-missing');
  return config;
}
