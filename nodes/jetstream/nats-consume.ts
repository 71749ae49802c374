import type { Node, NodeAPI } from 'node-red';
import { NATS_TEXTS, reportFailure } from '../shared/catalogue';
import type { NatsConsumeDef } from './consuming-settings';

export default function register(RED: NodeAPI) {
  function NatsConsume(this: Node, def: NatsConsumeDef) {
    RED.nodes.createNode(this, def);
    try {
      // With the first node, not at each start of Node-RED.
      const { Consuming } = require('./consuming') as typeof import('./consuming');
      new Consuming(RED, this, def);
    } catch (error) {
      reportFailure(RED, this, NATS_TEXTS, error);
    }
  }
  RED.nodes.registerType('nats-consume', NatsConsume);
}
