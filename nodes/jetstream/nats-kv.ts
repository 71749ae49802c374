import type { Node, NodeAPI } from 'node-red';
import { NATS_TEXTS } from '../shared/catalogue';
import { onInput } from '../shared/input';
import type { NatsKvDef } from './kv-settings';

export default function register(RED: NodeAPI) {
  function NatsKv(this: Node, def: NatsKvDef) {
    RED.nodes.createNode(this, def);
    onInput(RED, this, NATS_TEXTS, () => {
      // With the first node, not at each start of Node-RED.
      const { kvHandling } = require('./kv-handling') as typeof import('./kv-handling');
      return kvHandling(RED, this, def);
    });
  }
  RED.nodes.registerType('nats-kv', NatsKv);
}
