import type { Node, NodeAPI } from 'node-red';
import { NATS_TEXTS } from '../shared/catalogue';
import { onInput } from '../shared/input';
import type { NatsObjectDef } from './object-settings';

export default function register(RED: NodeAPI) {
  function NatsObject(this: Node, def: NatsObjectDef) {
    RED.nodes.createNode(this, def);
    onInput(RED, this, NATS_TEXTS, () => {
      // With the first node, not at each start of Node-RED.
      const { objectHandling } = require('./object-handling') as typeof import('./object-handling');
      return objectHandling(RED, this, def);
    });
  }
  RED.nodes.registerType('nats-object', NatsObject);
}
