import type { NodeAPI } from 'node-red';
import { CodedError } from '../../lib/coded-error';
import type { Connection } from '../../lib/nats/connection/connection';
import { SharedStream } from '../../lib/nats/jetstream/shared-stream';
import type { StreamState } from '../../lib/nats/jetstream/stream';
import type { NatsConfigNode } from '../nats/nats-config';
import type { NatsStreamNode } from '../nats/shared/use-stream';
import { NATS_TEXTS, nodeError, reportFailure, sentenceOf } from '../shared/catalogue';
import { checkVariables } from '../shared/variables';
import { type NatsStreamDef, streamSettings } from './stream-settings';

/** Makes a `nats-stream` share its stream among the nodes that join it. */
export function streamSharing(RED: NodeAPI, node: NatsStreamNode, def: NatsStreamDef): void {
  node.server = def.server;
  const shared = new WeakMap<Connection, SharedStream>();
  let share: (connection: Connection) => SharedStream;
  try {
    checkVariables(def);
    const { wanted, domain } = streamSettings(def);
    share = (connection) => {
      const config = RED.nodes.getNode(def.server) as NatsConfigNode | null;
      if (!config?.owns(connection)) throw new CodedError('BAD_STREAM-server', { stream: wanted.config.name });
      return new SharedStream(wanted, connection, domain, onState);
    };
  } catch (error) {
    reportFailure(RED, node, NATS_TEXTS, error);
    share = () => {
      throw error;
    };
  }

  let logged = '';
  const onState = ({ error, differs }: StreamState) => {
    const problem = error ?? differs;
    const text = problem ? sentenceOf(nodeError(RED, NATS_TEXTS, problem)) : '';
    if (text && text !== logged) node.warn(text);
    logged = text;
  };

  node.join = (connection, user) => {
    const stream = shared.get(connection) ?? share(connection);
    shared.set(connection, stream);
    stream.add(user);
    return stream.stream;
  };
  node.leave = (connection, user) => shared.get(connection)?.remove(user);
}
