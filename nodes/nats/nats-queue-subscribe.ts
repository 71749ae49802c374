import type { Node, NodeAPI, NodeDef } from 'node-red';
import { NATS_TEXTS } from '../shared/catalogue';
import { startNode } from '../shared/starting';
import type { SubscribingFields } from './shared/subscribing';

/** The properties of a `nats-queue-subscribe` in a flow. */
export interface NatsQueueSubscribeDef extends NodeDef, SubscribingFields {
  /**
   * The queue group: tokens separated by dots, without wildcards. Empty in the dynamic mode: `msg.queue`; empty with a
   * service: `q`.
   * @default ''
   */
  queue?: string;
  /**
   * The id of the `nats-service` that the node is an endpoint of; empty: none. Not in the dynamic mode.
   * @default ''
   */
  service?: string;
  /**
   * With a service: the name of the endpoint, of letters, digits, `-` and `_`; empty: the name of the node.
   * @default ''
   */
  endpoint?: string;
}

export default function register(RED: NodeAPI) {
  function NatsQueueSubscribe(this: Node, def: NatsQueueSubscribeDef) {
    RED.nodes.createNode(this, def);
    startNode(RED, this, NATS_TEXTS, () => {
      // With the first node, not at each start of Node-RED.
      const { queueSubscribing } = require('./queue-subscribing') as typeof import('./queue-subscribing');
      queueSubscribing(RED, this, def);
    });
  }
  RED.nodes.registerType('nats-queue-subscribe', NatsQueueSubscribe);
}
