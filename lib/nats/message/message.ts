import type { Msg, MsgImpl } from 'nats';
import { decodeHeaders, type PlainHeaders } from './headers';
import { decodePayload, type Output } from './payload';

/** A received message as flows see it; `headers` and `reply` are there only where the message has them. */
type ReceivedMessage = {
  topic: string;
  payload: unknown;
  headers?: PlainHeaders;
  reply?: string;
};

let lastSubject = '';

/** Whether bytes are a text that is all ASCII. */
function spells(bytes: Uint8Array, text: string): boolean {
  if (bytes.length !== text.length) return false;
  for (let at = 0; at < bytes.length; at++) {
    const code = text.charCodeAt(at);
    if (code > 0x7f || bytes[at] !== code) return false;
  }
  return true;
}

/** The subject of a message. Where it is that of the message before, it need not be decoded again. */
export function subjectOf(msg: Msg): string {
  const bytes = (msg as MsgImpl)._msg.subject;
  if (!spells(bytes, lastSubject)) lastSubject = msg.subject;
  return lastSubject;
}

/** The reply subject of a message, if it has one; the client decodes even none. */
export function replyOf(msg: Msg): string | undefined {
  return (msg as MsgImpl)._msg.reply && msg.reply;
}

/** The bytes of subject, reply subject, headers and payload. */
export function sizeOf(msg: Msg): number {
  return (msg as MsgImpl).size();
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
