import { CodedError } from '../../../coded-error';
import type { Received } from '../../client/received';
import type { Connection } from '../../connection/connection';
import { type Delivery, isoTime } from '../consuming/ack-subject';
import type { Stream } from '../stream';
import { type ObjectInfo, readObject } from './object-info';
import { metaSubjects } from './object-name';
import { StoredReading } from './stored-reading';

const AT_ONCE = 256;

/** Reads which objects a bucket has. */
export class ObjectList {
  private readonly reading: StoredReading;
  private readonly found = new Map<string, ObjectInfo>();

  /** `timeoutMs`: how long the next one may take. */
  constructor(
    connection: Connection,
    stream: Stream,
    private readonly bucket: string,
    timeoutMs: number,
  ) {
    this.reading = new StoredReading(connection, {
      stream,
      subjects: [metaSubjects(bucket)],
      start: 'last',
      atOnce: AT_ONCE,
      timeoutMs,
      take: (msg, delivery) => this.take(msg, delivery),
      caughtUp: () => {},
      timeout: () => new CodedError('TIMEOUT-list', { bucket, timeoutMs }),
    });
  }

  /** Those that are not deleted, in the order in which they were stored. */
  get objects(): ObjectInfo[] {
    return [...this.found.values()];
  }

  /** Resolves when all have been read. Rejects as `StoredReading.run` does. */
  run(): Promise<void> {
    return this.reading.run();
  }

  /** Ends it early with an error. */
  end(error: unknown): void {
    this.reading.end(error);
  }

  private take({ data }: Received, { sequence, timeNs }: Delivery): boolean {
    try {
      const { info, isDeleted } = readObject(data, { bucket: this.bucket, sequence, time: isoTime(timeNs) });
      // An object may be replaced while the list is read.
      this.found.delete(info.name);
      if (!isDeleted) this.found.set(info.name, info);
    } catch {
      // A description that cannot be read is left out.
    }
    return false;
  }
}
