import type { Node, NodeAPI, NodeMessage } from 'node-red';
import type { Received } from '../../lib/nats/client/received';
import { checkFlatInbox } from '../../lib/nats/connection/options';
import type { Request } from '../../lib/nats/core/requests';
import { decodeHeaders, type PlainHeaders } from '../../lib/nats/message/headers';
import { payloadOf } from '../../lib/nats/message/message';
import { encodePayload, OUTPUT } from '../../lib/nats/message/payload';
import { choiceSetting, countSetting, numberSetting, switchSetting } from '../../lib/setting';
import type { Handler } from '../shared/input';
import type { NatsRequestDef } from './nats-request';
import { headersReader, subjectReader } from './shared/message-readers';
import { acting, useConnection } from './shared/use-connection';

/** Sends the messages of a `nats-request` as requests, and their replies on. */
export function requester(RED: NodeAPI, node: Node, def: NatsRequestDef): Handler {
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
  const connection = useConnection(RED, node, def, {
    check: ({ inboxPrefix }) => flatInbox && checkFlatInbox(inboxPrefix),
  });
  const read = (reply: Received): Reply => ({
    payload: payloadOf(reply, output),
    headers: decodeHeaders(reply.headers),
  });

  return acting(connection, (msg, finish) => {
    const headers = headersOf(msg);
    const data = encodePayload(msg.payload);
    const request: Request = {
      subject: subjectOf(msg),
      data,
      timeoutMs,
      owner: node,
      flatInbox,
      ...(headers && { headers }),
    };
    const answered =
      replies === 'many'
        ? connection.requestMany(request, gathering, read).then((replies) => asParts(RED, msg, replies))
        : connection.request(request, read).then((reply) => withReply(msg, reply));
    answered.then((out) => finish(undefined, out), finish);
  });
}

/** The part of a reply that a flow receives. */
interface Reply {
  payload: unknown;
  headers: PlainHeaders | undefined;
}

/** The requesting message with the reply's payload and headers; it keeps its topic and its own reply subject. */
function withReply<M extends NodeMessage>(msg: M, { payload, headers }: Reply): M {
  msg.payload = payload;
  if (headers) (msg as NodeMessage).headers = headers;
  else delete msg.headers;
  return msg;
}

function asParts(RED: NodeAPI, msg: NodeMessage, replies: Reply[]): NodeMessage[] {
  const id = RED.util.generateId();
  // Without the properties that the reply replaces, which may be large.
  const rest: NodeMessage = { ...msg, payload: undefined, headers: undefined };
  return replies.map((reply, index) => {
    const part = withReply(RED.util.cloneMessage(rest), reply);
    part.parts = { id, index, count: replies.length };
    return part;
  });
}
