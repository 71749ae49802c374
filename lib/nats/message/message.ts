import type { Received } from '../client/received';
import { decodeHeaders, type PlainHeaders } from './headers';
import { decodePayload, type Output } from './payload';

/** A received message as flows see it; `headers` and `reply` are set only if the message has them. */
type ReceivedMessage = {
  topic: string;
  payload: unknown;
  headers?: PlainHeaders;
  reply?: string;
};

/** Turns a received message into one for a flow. Throws `BAD_JSON` if `output` is JSON and the data is not. */
export function decodeMessage(msg: Received, output: Output): ReceivedMessage {
  const message = decodeUnanswered(msg, output);
  const reply = msg.reply;
  if (reply) message.reply = reply;
  return message;
}

/** Like `decodeMessage`, but without the reply subject. */
export function decodeUnanswered(msg: Received, output: Output): ReceivedMessage {
  const message: ReceivedMessage = { topic: msg.subject, payload: payloadOf(msg, output) };
  const headers = decodeHeaders(msg.headers);
  if (headers) message.headers = headers;
  return message;
}

/** What `msg.payload` is for a message; see `decodePayload`. */
export function payloadOf({ bytes, dataAt, end }: Received, output: Output): unknown {
  return decodePayload(bytes, output, dataAt, end);
}
