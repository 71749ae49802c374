import { randomUUID } from 'node:crypto';
import { CodedError } from '../../coded-error';

/** Something that costs until it is closed. */
interface Closable {
  close(): unknown;
}

/** Things that live only while someone asks for them: one that nobody has asked for in `leaseMs` is closed. */
export class Leases<T extends Closable> {
  private readonly leased = new Map<string, { thing: T; timer: NodeJS.Timeout }>();

  constructor(
    private readonly leaseMs: number,
    /** No more than this many at a time. */
    private readonly limit: number,
  ) {}

  /** Keeps what `make` makes, and returns the id with which it is asked for. Throws `BUSY`. */
  add(make: () => T): string {
    if (this.leased.size >= this.limit) throw new CodedError('BUSY-tab', { limit: this.limit });
    const id = randomUUID();
    const timer = setTimeout(() => this.end(id), this.leaseMs).unref();
    this.leased.set(id, { thing: make(), timer });
    return id;
  }

  /** Something that is asked for. Throws `NO_LOOK` if it has ended. */
  get(id: unknown): T {
    const lease = this.leased.get(String(id));
    if (!lease) throw new CodedError('NO_LOOK');
    lease.timer.refresh();
    return lease.thing;
  }

  /** Closes something, if it has not been closed before. */
  end(id: unknown): void {
    const lease = this.leased.get(String(id));
    this.leased.delete(String(id));
    clearTimeout(lease?.timer);
    lease?.thing.close();
  }

  /** Closes everything. */
  endAll(): void {
    for (const id of [...this.leased.keys()]) this.end(id);
  }
}
