import { type Dispatcher, Parser, type ParserEvent } from 'nats';

/** The longest protocol line: it has room for 40,000 members of a cluster. */
export const MAX_LINE_BYTES = 1024 * 1024;

/** The largest payload that a server can be configured to allow. */
const MAX_MESSAGE_BYTES = 64 * 1024 * 1024;

/**
 * Reads what a server sends, within limits. On an error in the bytes or in a message's callback, it stops and calls
 * `onError`. The client would print the error and the bytes on stdout, read nothing more, and stay connected.
 */
export class Reader extends Parser {
  private hasFailed = false;

  constructor(
    dispatcher: Dispatcher<ParserEvent>,
    private readonly onError: (error: Error) => void,
  ) {
    super(dispatcher);
  }

  override parse(bytes: Uint8Array): void {
    if (this.hasFailed) return;
    try {
      super.parse(bytes);
      const { size = 0 } = this.ma ?? {};
      if (size > MAX_MESSAGE_BYTES) throw new Error(`the server sends a message of ${size} bytes`);
      if ((this.argBuf?.length ?? 0) > MAX_LINE_BYTES) throw new Error('the server sends a line without end');
    } catch (error) {
      this.hasFailed = true;
      this.onError(error as Error);
    }
  }
}
