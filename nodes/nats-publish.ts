import type { Node, NodeAPI, NodeDef, NodeMessage } from 'node-red';
import { checkReplySubject } from '../lib/nats/subject';
import { NATS } from './shared/catalogue';
import { subjectField } from './shared/fields';
import { onInput } from './shared/input';
import { type PublishingFields, publishing } from './shared/publishing';

export interface NatsPublishDef extends NodeDef, PublishingFields {
  subject?: string;
  reply?: string;
  replyType?: 'none' | 'str' | 'msg';
}

export default function register(RED: NodeAPI) {
  function NatsPublish(this: Node, def: NatsPublishDef) {
    RED.nodes.createNode(this, def);
    onInput(RED, this, NATS, () => {
      const subjectOf = subjectField(def.subject);
      const replyOf = replyField(RED, def);
      return publishing(RED, this, def, (msg) => ({ subject: subjectOf(msg), reply: replyOf(msg) }));
    });
  }
  RED.nodes.registerType('nats-publish', NatsPublish);
}

function replyField(RED: NodeAPI, def: NatsPublishDef): (msg: NodeMessage) => string | undefined {
  if (def.replyType === 'str') {
    const own = checkReplySubject(def.reply);
    return () => own;
  }
  if (def.replyType === 'msg') {
    const property = def.reply || 'reply';
    return (msg) => {
      const reply: unknown = RED.util.getMessageProperty(msg, property);
      return reply === undefined || reply === '' ? undefined : checkReplySubject(reply);
    };
  }
  return () => undefined;
}
