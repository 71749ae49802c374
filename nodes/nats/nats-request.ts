import type { Msg } from 'nats';
import type { Node, NodeAPI, NodeDef, NodeMessage } from 'node-red';
import { checkFlatInbox } from '../../lib/nats/connection/options';
import type { Request } from '../../lib/nats/core/requests';
import { decodeHeaders, type PlainHeaders } from '../../lib/nats/message/headers';
import { decodePayload, encodePayload, OUTPUT, type Output } from '../../lib/nats/message/payload';
import { choiceSetting, countSetting, numberSetting, switchSetting } from '../../lib/setting';
import { NATS_TEXTS } from '../shared/catalogue';
import { onInput } from '../shared/input';
import { Denials } from './shared/denials';
import { type HeadersFields, headersReader, subjectReader } from './shared/message-readers';
import { acting, useConnection } from './shared/use-connection';

/** The properties of a `nats-request` in a flow. */
export interface NatsRequestDef extends NodeDef, HeadersFields {
  /** The id of a `nats-config`. Required. */
  server: string;
  /**
   * The subject; empty: `msg.topic`.
   * @default ''
   */
  subject?: string;
  /**
   * The total time to wait for replies, in milliseconds, from 1 to 2,147,483,647.
   * @default 2000
   */
  timeoutMs?: number | string;
  /**
   * Whether the first reply is sent on (`one`), or all that arrive in time (`many`).
   * @default 'one'
   */
  replies?: 'one' | 'many';
  /**
   * With `many`: the number of replies that ends the wait, a whole number from 0 to 2,147,483,647; 0: no limit.
   * @default 0
   */
  count?: number | string;
  /**
   * With `many`: the pause after a reply that ends the wait, in milliseconds, from 0 to 2,147,483,647; 0: no limit.
   * @default 0
   */
  stallMs?: number | string;
  /**
   * The form of `msg.payload`: `auto` (text, a parsed JSON object or array, or a Buffer), `string`, `buffer` or
   * `json`.
   * @default 'auto'
   */
  output?: Output;
  /**
   * With `one`: whether the reply subject has two tokens, for responders that refuse three.
   * @default false
   */
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
      const read = (reply: Msg): Reply => ({
        payload: decodePayload(reply.data, output),
        headers: decodeHeaders(reply.headers),
      });

      return acting(connection, (msg, finish) => {
        const headers = headersOf(msg);
        const data = encodePayload(msg.payload);
        const request: Request = {
          subject: subjectOf(msg),
          data,
          timeoutMs,
          owner: this,
          flatInbox,
          ...(headers && { headers }),
        };
        const answered =
          replies === 'many'
            ? connection.requestMany(request, gathering, read).then((replies) => asParts(RED, msg, replies))
            : connection.request(request, read).then((reply) => withReply(msg, reply));
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
