import { Parser } from 'nats';

/** A protocol line is no longer than this: 40,000 members of a cluster fit into it. */
export const MAX_LINE_BYTES = 1024 * 1024;

/** The largest payload that a server may allow by its documentation. */
const MAX_MESSAGE_BYTES = 64 * 1024 * 1024;

/**
 * The client's parser within bounds: what a server sends cannot fill the memory, and the first error ends it.
 *
 * The client prints an error of its parser to the console, and its connection then stays open and reads nothing more.
 */
export class BoundedParser extends Parser {
  private hasFailed = false;

  constructor(
    dispatcher: ConstructorParameters<typeof Parser>[0],
    private readonly onFailure: (error: Error) => void,
  ) {
    super(dispatcher);
  }

  override parse(bytes: Uint8Array): void {
    if (this.hasFailed) return;
    try {
      super.parse(bytes);
      if ((this.argBuf?.length ?? 0) > MAX_LINE_BYTES) throw new Error('the server sent a line without end');
      if ((this.ma?.size ?? 0) > MAX_MESSAGE_BYTES)
        throw new Error(`the server sent a message of ${this.ma.size} bytes`);
    } catch (error) {
      this.hasFailed = true;
      this.onFailure(error as Error);
    }
  }
}
