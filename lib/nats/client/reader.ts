import { type Dispatcher, Parser, type ParserEvent, State } from 'nats';
import { endOfDigits, numberIn } from './digits';
import { Received } from './received';

/** The longest protocol line: it has room for 40,000 members of a cluster. */
export const MAX_LINE_BYTES = 1024 * 1024;

/** The largest payload that a server can be configured to allow. */
const MAX_MESSAGE_BYTES = 64 * 1024 * 1024;

const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;

/** How a message begins; one with headers has an H before it. */
const MSG = Buffer.from('MSG ');
const H = 0x48;

/** Receives what a server sends. */
export interface Receiver extends Dispatcher<ParserEvent> {
  /** A message that the reader has read itself. What the client's parser reads is pushed. */
  onMessage(sid: number, msg: Received): void;
}

/**
 * Reads what a server sends, within limits. On an error in the bytes or in a message's callback, it stops and calls
 * `onError`. The client would print the error and the bytes on stdout, read nothing more, and stay connected.
 */
export class Reader extends Parser {
  private hasFailed = false;

  constructor(
    private readonly receiver: Receiver,
    private readonly onError: (error: Error) => void,
    /** Called with each piece that is read. */
    private readonly onBytes: () => void = () => {},
  ) {
    super(receiver);
  }

  override parse(bytes: Buffer): void {
    if (this.hasFailed) return;
    this.onBytes();
    try {
      const all = this.continueLine(bytes);
      this.checkLimits();
      for (let at = this.readMessages(all, 0); at < all.length; at = this.readMessages(all, at)) {
        const end = this.endOfPart(all, at);
        super.parse(all.subarray(at, end));
        this.checkLimits();
        at = end;
      }
    } catch (error) {
      this.hasFailed = true;
      this.onError(error as Error);
    }
  }

  /**
   * Reads the messages that follow each other at `at`, as far as they are complete, and returns where they end. The
   * client's parser would make several objects more of each of them. It reads all else.
   */
  private readMessages(bytes: Buffer, at: number): number {
    if (this.state !== State.OP_START) return at;
    for (let start = at; ; ) {
      const end = this.readMessage(bytes, start);
      if (end === start) return end;
      start = end;
    }
  }

  /**
   * Returns where the message at `start` ends: `MSG subject sid [reply] size` or `HMSG subject sid [reply] headers size`,
   * its headers and data, and the end of a line each.
   */
  private readMessage(bytes: Buffer, start: number): number {
    const hasHeaders = bytes[start] === H;
    const nameAt = hasHeaders ? start + 1 : start;
    for (let at = 0; at < MSG.length; at++) if (bytes[nameAt + at] !== MSG[at]) return start;
    const subjectAt = nameAt + MSG.length;
    const subjectEnd = endOfToken(bytes, subjectAt);
    const sidAt = subjectEnd + 1;
    const sidEnd = endOfDigits(bytes, sidAt);
    if (bytes[subjectEnd] !== SPACE || bytes[sidEnd] !== SPACE || sidEnd === sidAt) return start;
    // White space may be longer, which the client's parser reads.
    if (subjectEnd === subjectAt) return start;
    const nextAt = sidEnd + 1;
    const nextEnd = endOfToken(bytes, nextAt);
    // JetStream answers with an empty reply subject: two spaces follow the sid.
    const hasReply = bytes[nextEnd] === SPACE && (!hasHeaders || bytes[endOfToken(bytes, nextEnd + 1)] === SPACE);
    const headersAt = hasReply ? nextEnd + 1 : nextAt;
    const headersEnd = endOfDigits(bytes, headersAt);
    const sizeAt = hasHeaders ? headersEnd + 1 : headersAt;
    const sizeEnd = endOfDigits(bytes, sizeAt);
    const headersSize = hasHeaders ? numberIn(bytes, headersAt, headersEnd) : 0;
    const size = numberIn(bytes, sizeAt, sizeEnd);
    if (headersEnd === headersAt || sizeEnd === sizeAt || headersSize > size) return start;
    if (hasHeaders && bytes[headersEnd] !== SPACE) return start;
    const contentAt = sizeEnd + 2;
    const end = contentAt + size;
    if (!endsLine(bytes, sizeEnd) || !endsLine(bytes, end)) return start;
    const replyEnd = hasReply ? nextEnd : nextAt;
    const msg = new Received(
      bytes,
      subjectAt,
      subjectEnd,
      nextAt,
      replyEnd,
      bytes,
      contentAt,
      contentAt + headersSize,
      end,
    );
    this.receiver.onMessage(numberIn(bytes, sidAt, sidEnd), msg);
    return end + 2;
  }

  /** Where the client's parser is to stop: behind the current message, and before what may be another one. */
  private endOfPart(bytes: Buffer, at: number): number {
    const missing = this.state === State.MSG_PAYLOAD ? (this.ma?.size ?? 0) - (this.msgBuf?.length ?? 0) : 0;
    let end = at + missing;
    do {
      end = bytes.indexOf(LF, end) + 1;
      if (end === 0) return bytes.length;
    } while (end < bytes.length && bytes[end] !== MSG[0] && bytes[end] !== H);
    return end;
  }

  private checkLimits(): void {
    const { size = 0 } = this.ma ?? {};
    if (size > MAX_MESSAGE_BYTES) throw new Error(`the server sends a message of ${size} bytes`);
    // The client would double its buffer again and again, and need up to three times the size.
    if (this.msgBuf && this.msgBuf.capacity < size) this.msgBuf.grow(size - this.msgBuf.length);
    if ((this.argBuf?.length ?? 0) > MAX_LINE_BYTES) throw new Error('the server sends a line without end');
  }

  /** Adds the rest of a line at once: the client would add it byte by byte, which takes 0.4 s for 1 MiB. */
  private continueLine(bytes: Buffer): Buffer {
    if (!this.argBuf || this.msgBuf) return bytes;
    const lf = bytes.indexOf(LF);
    const end = lf < 0 ? bytes.length : lf;
    this.argBuf.write(bytes.subarray(0, bytes[end - 1] === CR ? end - 1 : end));
    return bytes.subarray(end);
  }
}

function endOfToken(bytes: Uint8Array, at: number): number {
  let end = at;
  while ((bytes[end] as number) > SPACE) end++;
  return end;
}

function endsLine(bytes: Uint8Array, at: number): boolean {
  return bytes[at] === CR && bytes[at + 1] === LF;
}
