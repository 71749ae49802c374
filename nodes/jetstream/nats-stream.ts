import type { NodeAPI } from 'node-red';
import { CodedError } from '../../lib/coded-error';
import type { Connection } from '../../lib/nats/connection/connection';
import { SharedStream } from '../../lib/nats/jetstream/shared-stream';
import type { StreamState } from '../../lib/nats/jetstream/stream';
import type { NatsConfigNode } from '../nats/nats-config';
import type { NatsStreamNode } from '../nats/shared/use-stream';
import { NATS_TEXTS, nodeError, reportFailure } from '../shared/catalogue';
import { checkVariables } from '../shared/variables';
import { serveStreamLook } from './look-stream';
import { type NatsStreamDef, streamSettings } from './stream-settings';

export default function register(RED: NodeAPI) {
  function NatsStream(this: NatsStreamNode, def: NatsStreamDef) {
    RED.nodes.createNode(this, def);
    this.server = def.server;
    const shared = new WeakMap<Connection, SharedStream>();
    let share: (connection: Connection) => SharedStream;
    try {
      checkVariables(def);
      const { settings, domain } = streamSettings(def);
      share = (connection) => {
        const config = RED.nodes.getNode(def.server) as NatsConfigNode | null;
        if (!config?.owns(connection)) throw new CodedError('BAD_STREAM-server', { stream: settings.name });
        return new SharedStream(settings, connection, domain, onState);
      };
    } catch (error) {
      reportFailure(RED, this, NATS_TEXTS, error);
      share = () => {
        throw error;
      };
    }

    let logged = '';
    const onState = ({ error, differs }: StreamState) => {
      const problem = error ?? differs;
      const text = problem ? nodeError(RED, NATS_TEXTS, problem).message : '';
      if (text && text !== logged) this.warn(`${problem?.code}: ${text}`);
      logged = text;
    };

    this.join = (connection, user) => {
      const stream = shared.get(connection) ?? share(connection);
      shared.set(connection, stream);
      stream.add(user);
      return stream.stream;
    };
    this.leave = (connection, user) => shared.get(connection)?.remove(user);
  }

  serveStreamLook(RED);
  RED.nodes.registerType<NatsStreamNode, NatsStreamDef, object, object>('nats-stream', NatsStream);
}
