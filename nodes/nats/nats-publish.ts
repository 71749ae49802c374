import type { Node, NodeAPI, NodeDef } from 'node-red';
import { checkReplySubject } from '../../lib/nats/message/subject';
import { NATS_TEXTS } from '../shared/catalogue';
import { onInput } from '../shared/input';
import { propertyReader, type Reader, subjectReader } from './shared/message-readers';
import { type PublishingFields, publishing, type Target } from './shared/publishing';
import { type StoringFields, storing } from './storing';

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
      const subjectOf = subjectReader(def.subject);
      const replyOf = replyField(RED, def);
      const targetOf: Reader<Target> = (msg, index) => ({ subject: subjectOf(msg, index), reply: replyOf(msg, index) });
      const isStored = def.confirm === 'stored';
      return publishing(RED, this, def, targetOf, isStored ? (to) => storing(RED, this, def, to) : undefined);
    });
  }
  RED.nodes.registerType('nats-publish', NatsPublish);
}

function replyField(RED: NodeAPI, def: NatsPublishDef): Reader<string | undefined> {
  if (def.replyType === 'str') {
    const own = checkReplySubject(def.reply);
    return () => own;
  }
  if (def.replyType === 'msg') {
    const property = propertyReader(RED, def.reply || (def.batch ? 'replies' : 'reply'));
    return (msg, index) => {
      const reply = property(msg, index);
      return reply === undefined || reply === '' ? undefined : checkReplySubject(reply);
    };
  }
  return () => undefined;
}
