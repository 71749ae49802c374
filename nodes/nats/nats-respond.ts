import type { Node, NodeAPI, NodeDef } from 'node-red';
import { checkReplySubject } from '../../lib/nats/message/subject';
import { NATS_TEXTS } from '../shared/catalogue';
import { onInput } from '../shared/input';
import { elementOf } from './shared/message-readers';
import { type PublishingFields, publishing } from './shared/publishing';

/** The properties of a `nats-respond` in a flow. */
export interface NatsRespondDef extends NodeDef, PublishingFields {}

export default function register(RED: NodeAPI) {
  function NatsRespond(this: Node, def: NatsRespondDef) {
    RED.nodes.createNode(this, def);
    onInput(RED, this, NATS_TEXTS, () => {
      return publishing(RED, this, def, (msg, index) => {
        const reply = index === undefined ? msg.reply : elementOf(msg.replies, index);
        // The message is not a request.
        if (reply === undefined || reply === '') return undefined;
        return { subject: checkReplySubject(reply) };
      });
    });
  }
  RED.nodes.registerType('nats-respond', NatsRespond);
}
