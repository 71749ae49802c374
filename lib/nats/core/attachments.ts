import type { Attachment, Link } from './link';

/** What is attached to each established connection, in the order in which it was added. */
export class Attachments {
  private readonly all = new Set<Attachment>();
  private link: Link | undefined;

  /** Attaches now or at the next connection, until the returned function is called. */
  add(attachment: Attachment): () => void {
    this.all.add(attachment);
    if (this.link) attachment.attach(this.link);
    return () => {
      if (this.all.delete(attachment) && this.link) void attachment.detach();
    };
  }

  attachAll(link: Link): void {
    this.link = link;
    for (const attachment of this.all) attachment.attach(link);
  }

  /** Resolves when the server has answered what all of them have sent. */
  async settled(): Promise<void> {
    await Promise.all([...this.all].map((attachment) => attachment.settled?.()));
  }

  /** There will be no connection any more. */
  endAll(): void {
    for (const attachment of this.all) attachment.end?.();
  }

  /** Resolves when all are detached. */
  async detachAll(): Promise<void> {
    if (!this.link) return;
    this.link = undefined;
    await Promise.all([...this.all].map((attachment) => attachment.detach()));
  }
}
