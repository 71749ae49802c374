import type { Node, NodeAPI } from 'node-red';
import { NATS_TEXTS } from '../shared/catalogue';
import { startNode } from '../shared/starting';
import type { NatsConsumeDef } from './consuming-settings';

export default function register(RED: NodeAPI) {
  function NatsConsume(this: Node, def: NatsConsumeDef) {
    RED.nodes.createNode(this, def);
    startNode(RED, this, NATS_TEXTS, () => {
      // With the first node, not at each start of Node-RED.
      const { Consuming } = require('./consuming') as typeof import('./consuming');
      new Consuming(RED, this, def);
    });
  }
  RED.nodes.registerType('nats-consume', NatsConsume);
}
