import type { Node, NodeAPI, NodeDef, NodeMessage } from 'node-red';
import { checkReplySubject } from '../lib/nats/subject';
import { NATS } from './shared/catalogue';
import { subjectField } from './shared/fields';
import { onInput } from './shared/input';
import { type PublishingFields, publishing } from './shared/publishing';
import { showDenied, useConnection } from './shared/use-connection';

export interface NatsPublishDef extends NodeDef, PublishingFields {
  server: string;
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
      const publication = publishing(RED, def);
      const connection = useConnection(RED, this, def);
      const showing = showDenied(RED, this, connection);
      return (msg, finish) => connection.publish(publication(msg, subjectOf(msg), replyOf(msg)), showing(finish));
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
