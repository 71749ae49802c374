import type { Msg } from 'nats';
import type { Node, NodeAPI, NodeDef, NodeMessage } from 'node-red';
import { CodedError } from '../../lib/coded-error';
import { checkFlatInbox } from '../../lib/nats/connection/options';
import type { Request } from '../../lib/nats/core/request';
import { decodeHeaders } from '../../lib/nats/message/headers';
import { decodePayload, encodePayload, OUTPUT, type Output } from '../../lib/nats/message/payload';
import { choiceSetting, countSetting, numberSetting, switchSetting } from '../../lib/setting';
import { NATS_TEXTS } from '../shared/catalogue';
import { onInput } from '../shared/input';
import { Denials } from './shared/denials';
import { type HeadersFields, headersReader, subjectReader } from './shared/message-readers';
import { acting, useConnection } from './shared/use-connection';

export interface NatsRequestDef extends NodeDef, HeadersFields {
  server: string;
  subject?: string;
  timeoutMs?: number | string;
  replies?: 'one' | 'many';
  count?: number | string;
  stallMs?: number | string;
  output?: Output;
  flatInbox?: boolean;
}

export default function register(RED: NodeAPI) {
  function NatsRequest(this: Node, def: NatsRequestDef) {
    RED.nodes.createNode(this, def);
    onInput(RED, this, NATS_TEXTS, () => {
      const subjectOf = subjectReader(def.subject);
      const headersOf = headersReader(RED, def);
      const output = choiceSetting('output', def.output, OUTPUT, 'auto');
      const replies = choiceSetting('replies', def.replies, ['one', 'many'], 'one');
      const flatInbox = switchSetting('flatInbox', def.flatInbox, false);
      const timeoutMs = numberSetting('timeoutMs', def.timeoutMs, 2000, { min: 1 });
      const gathering = {
        count: countSetting('count', def.count, 0),
        stallMs: numberSetting('stallMs', def.stallMs, 0),
      };
      const denials = new Denials(RED, this);
      const connection = useConnection(RED, this, def, {
        check: ({ inboxPrefix }) => flatInbox && checkFlatInbox(inboxPrefix),
        onState: () => denials.reset(),
      });

      // Others may go on using the connection.
      const closing = new AbortController();
      this.on('close', () => closing.abort(new CodedError('CLOSED')));

      return acting(connection, (msg, finish) => {
        const headers = headersOf(msg);
        const data = encodePayload(msg.payload);
        const request: Request = {
          subject: subjectOf(msg),
          data,
          timeoutMs,
          ends: closing.signal,
          ...(headers && { headers }),
        };
        const answered =
          replies === 'many'
            ? connection.requestMany(request, gathering).then((replies) => asParts(RED, msg, replies, output))
            : connection.request(request, flatInbox).then((reply) => withReply(msg, reply, output));
        answered.then(
          (out) => {
            denials.watch();
            finish(undefined, out);
          },
          (error) => {
            denials.watch(error);
            finish(error);
          },
        );
      });
    });
  }
  RED.nodes.registerType('nats-request', NatsRequest);
}

/** The message that asked, with the reply's payload and headers; its topic and its own reply subject stay. */
function withReply<M extends NodeMessage>(msg: M, reply: Msg, output: Output): M {
  msg.payload = decodePayload(reply.data, output);
  const headers = decodeHeaders(reply.headers);
  if (headers) (msg as NodeMessage).headers = headers;
  else delete msg.headers;
  return msg;
}

function asParts(RED: NodeAPI, msg: NodeMessage, replies: Msg[], output: Output): NodeMessage[] {
  const id = RED.util.generateId();
  // Without what a reply brings, which may be large.
  const rest: NodeMessage = { ...msg, payload: undefined, headers: undefined };
  return replies.map((reply, index) => {
    const part = withReply(RED.util.cloneMessage(rest), reply, output);
    part.parts = { id, index, count: replies.length };
    return part;
  });
}
