import type { Node, NodeAPI } from 'node-red';
import { NATS_TEXTS } from '../shared/catalogue';
import { startNode } from '../shared/starting';
import type { NatsKvWatchDef } from './watching';

export default function register(RED: NodeAPI) {
  function NatsKvWatch(this: Node, def: NatsKvWatchDef) {
    RED.nodes.createNode(this, def);
    startNode(RED, this, NATS_TEXTS, () => {
      // With the first node, not at each start of Node-RED.
      const { Watching } = require('./watching') as typeof import('./watching');
      new Watching(RED, this, def);
    });
  }
  RED.nodes.registerType('nats-kv-watch', NatsKvWatch);
}
