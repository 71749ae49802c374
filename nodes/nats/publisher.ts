import type { Node, NodeAPI } from 'node-red';
import { checkReplySubject } from '../../lib/nats/message/subject';
import type { Handler } from '../shared/input';
import type { NatsPublishDef } from './nats-publish';
import { propertyReader, type Reader, subjectReader } from './shared/message-readers';
import { publishing, type Target } from './shared/publishing';

/** Publishes the messages of a `nats-publish`. */
export function publisher(RED: NodeAPI, node: Node, def: NatsPublishDef): Handler {
  const subjectOf = subjectReader(def.subject);
  const replyOf = replyField(RED, def);
  const targetOf: Reader<Target> = (msg, index) => ({ subject: subjectOf(msg, index), reply: replyOf(msg, index) });
  if (def.confirm !== 'stored') return publishing(RED, node, def, targetOf);
  const { storing } = require('./storing') as typeof import('./storing');
  return publishing(RED, node, { ...def, confirm: true }, targetOf, (to) => storing(RED, node, def, to));
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
