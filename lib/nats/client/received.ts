import { type Msg, type MsgHdrs, MsgImpl } from 'nats';
import { readHeaders } from './headers';

/** A message of the client whose headers can be read even if they are invalid. */
export class ReceivedMsg extends MsgImpl {
  override get headers(): MsgHdrs | undefined {
    const { hdr } = this._msg;
    if (hdr >= 0) this._headers ??= readHeaders(this._rdata.subarray(0, hdr));
    return this._headers;
  }
}

let lastBytes: Uint8Array | undefined;
let lastSubject = '';

/** Whether the bytes are this text and all ASCII. */
function spells(bytes: Uint8Array, text: string): boolean {
  if (bytes.length !== text.length) return false;
  for (let at = 0; at < bytes.length; at++) {
    const code = text.charCodeAt(at);
    if (code > 0x7f || bytes[at] !== code) return false;
  }
  return true;
}

/** The subject of a message. It is not decoded again if the previous message had the same one. */
export function subjectOf(msg: Msg): string {
  const bytes = (msg as MsgImpl)._msg.subject;
  if (bytes === lastBytes) return lastSubject;
  if (!spells(bytes, lastSubject)) lastSubject = msg.subject;
  lastBytes = bytes;
  return lastSubject;
}

const ZERO = 0x30;
const NINE = 0x39;

/** The number that a message's subject ends with, from byte `start`; NaN if there is none. Decodes no text. */
export function numberInSubject(msg: Msg, start: number): number {
  const bytes = (msg as MsgImpl)._msg.subject;
  let number = bytes.length > start ? 0 : Number.NaN;
  for (let at = start; at < bytes.length; at++) {
    const code = bytes[at] as number;
    number = code >= ZERO && code <= NINE ? 10 * number + code - ZERO : Number.NaN;
  }
  return number;
}

/** The text of a message's data. */
export function textOf({ data }: Msg): string {
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString();
}

/** The reply subject of a message, if it has one; the client would decode a missing one too. */
export function replyOf(msg: Msg): string | undefined {
  return (msg as MsgImpl)._msg.reply && msg.reply;
}

/** The size of subject, reply subject, headers and payload in bytes. */
export function sizeOf(msg: Msg): number {
  return (msg as MsgImpl).size();
}

/**
 * Copies messages into memory of their own, in place. The client's messages are views of the chunk that the socket has
 * read, so a small waiting message would retain 64 KiB.
 */
export function keep(messages: Msg[]): void {
  const own = Buffer.allocUnsafeSlow(messages.reduce((sum, msg) => sum + sizeOf(msg), 0));
  let end = 0;
  const copy = (bytes: Uint8Array) => {
    const start = end;
    own.set(bytes, start);
    end += bytes.length;
    return own.subarray(start, end);
  };
  for (const msg of messages as MsgImpl[]) {
    const head = msg._msg;
    head.subject = copy(head.subject);
    if (head.reply) head.reply = copy(head.reply);
    msg._rdata = copy(msg._rdata);
  }
}
