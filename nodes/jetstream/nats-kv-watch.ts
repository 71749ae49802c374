import type { Node, NodeAPI } from 'node-red';
import { NATS_TEXTS, reportFailure } from '../shared/catalogue';
import type { NatsKvWatchDef } from './watching';

export default function register(RED: NodeAPI) {
  function NatsKvWatch(this: Node, def: NatsKvWatchDef) {
    RED.nodes.createNode(this, def);
    try {
      // With the first node, not at each start of Node-RED.
      const { Watching } = require('./watching') as typeof import('./watching');
      new Watching(RED, this, def);
    } catch (error) {
      reportFailure(RED, this, NATS_TEXTS, error);
    }
  }
  RED.nodes.registerType('nats-kv-watch', NatsKvWatch);
}
