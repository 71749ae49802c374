import type { NodeAPI } from 'node-red';
import type { NatsStreamNode } from '../nats/shared/use-stream';
import { serveStreamLook } from './look-stream';
import type { NatsStreamDef } from './stream-settings';

export default function register(RED: NodeAPI) {
  function NatsStream(this: NatsStreamNode, def: NatsStreamDef) {
    RED.nodes.createNode(this, def);
    // With the first node, not at each start of Node-RED.
    const { streamSharing } = require('./stream-sharing') as typeof import('./stream-sharing');
    streamSharing(RED, this, def);
  }

  serveStreamLook(RED);
  RED.nodes.registerType<NatsStreamNode, NatsStreamDef, object, object>('nats-stream', NatsStream);
}
