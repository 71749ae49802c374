import { type Dispatcher, Parser, type ParserEvent } from 'nats';

/**
 * Reads what a server sends. It stops and calls `onError` at an error, in the bytes or in a callback that gets a message;
 * the client would print the error with the bytes on stdout, read nothing more, and stay connected.
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
    } catch (error) {
      this.hasFailed = true;
      this.onError(error as Error);
    }
  }
}
