import type { Node, NodeAPI, NodeDef } from 'node-red';
import { type SubscribingFields, subscribing } from './shared/subscribing';

/** The properties of a `nats-subscribe` in a flow. */
export interface NatsSubscribeDef extends NodeDef, SubscribingFields {}

export default function register(RED: NodeAPI) {
  function NatsSubscribe(this: Node, def: NatsSubscribeDef) {
    RED.nodes.createNode(this, def);
    subscribing(RED, this, def, () => undefined);
  }
  RED.nodes.registerType('nats-subscribe', NatsSubscribe);
}
