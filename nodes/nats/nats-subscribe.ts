import type { Node, NodeAPI, NodeDef } from 'node-red';
import { NATS_TEXTS } from '../shared/catalogue';
import { startNode } from '../shared/starting';
import type { SubscribingFields } from './shared/subscribing';

/** The properties of a `nats-subscribe` in a flow. */
export interface NatsSubscribeDef extends NodeDef, SubscribingFields {}

export default function register(RED: NodeAPI) {
  function NatsSubscribe(this: Node, def: NatsSubscribeDef) {
    RED.nodes.createNode(this, def);
    startNode(RED, this, NATS_TEXTS, () => {
      // With the first node, not at each start of Node-RED.
      const { subscribing } = require('./shared/subscribing') as typeof import('./shared/subscribing');
      subscribing(RED, this, def, () => undefined);
    });
  }
  RED.nodes.registerType('nats-subscribe', NatsSubscribe);
}
