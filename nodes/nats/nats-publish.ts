import type { Node, NodeAPI, NodeDef } from 'node-red';
import { NATS_TEXTS } from '../shared/catalogue';
import { onInput } from '../shared/input';
import type { PublishingFields } from './shared/publishing';
import type { StoringFields } from './storing';

/** The properties of a `nats-publish` in a flow. */
export interface NatsPublishDef extends NodeDef, PublishingFields, StoringFields {
  /**
   * The subject; empty: `msg.topic`, or for an element of a batch its subject in `msg.topics`, if it has one there.
   * @default ''
   */
  subject?: string;
  /**
   * With `replyType` `str` the reply subject; with `msg` the message property that contains it, by default `reply`, or
   * `replies` in a batch.
   * @default ''
   */
  reply?: string;
  /**
   * Where the reply subject comes from: `none`, `str` (this node) or `msg` (the message).
   * @default 'none'
   */
  replyType?: 'none' | 'str' | 'msg';
}

export default function register(RED: NodeAPI) {
  function NatsPublish(this: Node, def: NatsPublishDef) {
    RED.nodes.createNode(this, def);
    onInput(RED, this, NATS_TEXTS, () => {
      // With the first node, not at each start of Node-RED.
      const { publisher } = require('./publisher') as typeof import('./publisher');
      return publisher(RED, this, def);
    });
  }
  RED.nodes.registerType('nats-publish', NatsPublish);
}
