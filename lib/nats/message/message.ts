import type { Msg } from 'nats';
import { replyOf, subjectOf } from '../client/received';
import { decodeHeaders, type PlainHeaders } from './headers';
import { decodePayload, type Output } from './payload';

/** A received message as flows see it; `headers` and `reply` are set only if the message has them. */
type ReceivedMessage = {
  topic: string;
  payload: unknown;
  headers?: PlainHeaders;
  reply?: string;
};

/** Turns a message of the client into one for a flow. Throws `BAD_JSON` if `output` is JSON and the data is not. */
export function decodeMessage(msg: Msg, output: Output): ReceivedMessage {
  const message = decodeUnanswered(msg, output);
  const reply = replyOf(msg);
  if (reply) message.reply = reply;
  return message;
}

/** Like `decodeMessage`, but without the reply subject. */
export function decodeUnanswered(msg: Msg, output: Output): ReceivedMessage {
  const message: ReceivedMessage = { topic: subjectOf(msg), payload: decodePayload(msg.data, output) };
  const headers = decodeHeaders(msg.headers);
  if (headers) message.headers = headers;
  return message;
}
