import type { Node, NodeAPI, NodeDef } from 'node-red';
import { checkQueueGroup } from '../../lib/nats/message/subject';
import { type SubscribingFields, subscribing } from './shared/subscribing';

/** The properties of a `nats-queue-subscribe` in a flow. */
export interface NatsQueueSubscribeDef extends NodeDef, SubscribingFields {
  /**
   * The queue group: tokens separated by dots, without wildcards. Empty in the dynamic mode: `msg.queue`.
   * @default ''
   */
  queue?: string;
}

export default function register(RED: NodeAPI) {
  function NatsQueueSubscribe(this: Node, def: NatsQueueSubscribeDef) {
    RED.nodes.createNode(this, def);
    subscribing(RED, this, def, (msg) => checkQueueGroup(def.queue || msg?.queue));
  }
  RED.nodes.registerType('nats-queue-subscribe', NatsQueueSubscribe);
}
