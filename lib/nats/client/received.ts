import type { MsgHdrs } from 'nats';
import { endOfDigits, numberIn } from './digits';
import { readHeaders } from './headers';

/** The subject of the last message, decoded; the next one often has the same. */
let lastSubject = '';

/**
 * A message from the server: the bytes that were read, and where its parts are in them. The client would make an object
 * of each part, which costs more than reading it.
 */
export class Received {
  private decodedHeaders: MsgHdrs | undefined;

  constructor(
    /** The bytes with subject and reply subject; a reply subject of no bytes is none. */
    private head: Buffer,
    private subjectAt: number,
    private subjectEnd: number,
    private replyAt: number,
    private replyEnd: number,
    /** The bytes with the headers and, from `dataAt` to `end`, the data. */
    public bytes: Buffer,
    private headersAt: number,
    public dataAt: number,
    public end: number,
  ) {}

  /** It is not decoded again if the previous message had the same one. */
  get subject(): string {
    if (!spells(this.head, this.subjectAt, this.subjectEnd, lastSubject)) {
      lastSubject = this.head.toString('utf8', this.subjectAt, this.subjectEnd);
    }
    return lastSubject;
  }

  get reply(): string | undefined {
    return this.replyAt < this.replyEnd ? this.head.toString('utf8', this.replyAt, this.replyEnd) : undefined;
  }

  /** Also if they are invalid. */
  get headers(): MsgHdrs | undefined {
    if (this.headersAt < this.dataAt)
      this.decodedHeaders ??= readHeaders(this.bytes.subarray(this.headersAt, this.dataAt));
    return this.decodedHeaders;
  }

  /** A view of the bytes. */
  get data(): Buffer {
    return this.bytes.subarray(this.dataAt, this.end);
  }

  get text(): string {
    return this.bytes.toString('utf8', this.dataAt, this.end);
  }

  get isEmpty(): boolean {
    return this.dataAt === this.end;
  }

  /** The bytes that the server counts as payload: headers and data. */
  get contentSize(): number {
    return this.end - this.headersAt;
  }

  /** The size of subject, reply subject, headers and data in bytes. */
  get size(): number {
    return this.subjectEnd - this.subjectAt + this.replyEnd - this.replyAt + this.contentSize;
  }

  /** The number that the subject ends with, from byte `start` of it; NaN if there is none. Decodes no text. */
  numberInSubject(start: number): number {
    const { head, subjectAt, subjectEnd } = this;
    const from = subjectAt + start;
    const isNumber = from < subjectEnd && endOfDigits(head, from) >= subjectEnd;
    return isNumber ? numberIn(head, from, subjectEnd) : Number.NaN;
  }

  /**
   * Copies messages into memory of their own, in place. Their bytes are the chunk that the socket has read, so a small
   * waiting message would retain 64 KiB.
   */
  static keep(messages: readonly Received[]): void {
    const own = Buffer.allocUnsafeSlow(messages.reduce((sum, { size }) => sum + size, 0));
    let end = 0;
    for (const msg of messages) end = msg.moveTo(own, end);
  }

  /** Returns where it ends in `own`. */
  private moveTo(own: Buffer, start: number): number {
    const { head, bytes, headersAt, dataAt } = this;
    this.subjectEnd = start + head.copy(own, start, this.subjectAt, this.subjectEnd);
    this.replyEnd = this.subjectEnd + head.copy(own, this.subjectEnd, this.replyAt, this.replyEnd);
    this.end = this.replyEnd + bytes.copy(own, this.replyEnd, headersAt, this.end);
    this.subjectAt = start;
    this.replyAt = this.subjectEnd;
    this.headersAt = this.replyEnd;
    this.dataAt = this.replyEnd + dataAt - headersAt;
    this.head = own;
    this.bytes = own;
    return this.end;
  }
}

/** Whether a part of the bytes is this text and all ASCII. */
function spells(bytes: Uint8Array, start: number, end: number, text: string): boolean {
  if (end - start !== text.length) return false;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code > 0x7f || bytes[start + at] !== code) return false;
  }
  return true;
}
