import type { Node, NodeAPI } from 'node-red';
import { checkReplySubject } from '../../lib/nats/message/subject';
import type { Handler } from '../shared/input';
import { answering } from './answering';
import type { NatsRespondDef } from './nats-respond';
import { elementOf, type Reader } from './shared/message-readers';
import { publishing, type Target } from './shared/publishing';

/** Publishes the messages of a `nats-respond` to their reply subjects. */
export function responder(RED: NodeAPI, node: Node, def: NatsRespondDef): Handler {
  const targetOf: Reader<Target | undefined> = (msg, index) => {
    const reply = index === undefined ? msg.reply : elementOf(msg.replies, index);
    // The message is not a request.
    if (reply === undefined || reply === '') return undefined;
    return { subject: checkReplySubject(reply) };
  };
  return publishing(RED, node, def, targetOf, (connection) => answering(RED, def, connection));
}
