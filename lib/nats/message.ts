import type { Msg, MsgImpl } from 'nats';
import { decodeHeaders, type PlainHeaders } from './headers';
import { decodePayload, type Output } from './payload';

/** A received message as flows see it; `headers` and `reply` are there only where the message has them. */
export type ReceivedMessage = {
  topic: string;
  payload: unknown;
  headers?: PlainHeaders;
  reply?: string;
};

let lastSubject = '';

/** The subject of a message. Where it is that of the message before, it need not be decoded again. */
export function subjectOf(msg: Msg): string {
  const bytes = (msg as MsgImpl)._msg.subject;
  let at = bytes.length === lastSubject.length ? 0 : -1;
  while (at >= 0 && at < bytes.length) at = bytes[at] === lastSubject.charCodeAt(at) ? at + 1 : -1;
  if (at < 0) lastSubject = msg.subject;
  return lastSubject;
}

/** The reply subject of a message, if it has one; the client decodes even none. */
export function replyOf(msg: Msg): string | undefined {
  return (msg as MsgImpl)._msg.reply && msg.reply;
}

/** Turns a message of the client into one for a flow. Throws `BAD_JSON` where `output` asks for JSON and it is none. */
export function decodeMessage(msg: Msg, output: Output): ReceivedMessage {
  const message: ReceivedMessage = { topic: subjectOf(msg), payload: decodePayload(msg.data, output) };
  const headers = decodeHeaders(msg.headers);
  if (headers) message.headers = headers;
  const reply = replyOf(msg);
  if (reply) message.reply = reply;
  return message;
}
