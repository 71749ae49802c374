import type { CodedError } from '../../coded-error';
import { textSetting } from '../../setting';
import type { Connection } from '../connection/connection';
import type { KvEntry } from '../jetstream/kv/entry';
import { checkBucketName, checkKeyFilters } from '../jetstream/kv/key';
import { KvWatch } from '../jetstream/kv/kv-watch';
import { checkForm, type Form, type ShownPayload, showPayload } from './shown-payload';

/** A key as people see it. */
export interface ShownKey {
  key: string;
  revision: number;
  /** When it was stored, ISO 8601. */
  time: string;
  /** Missing if the key has been deleted. */
  value?: ShownPayload;
}

/** What a look has to tell. */
export interface BucketReport {
  /** The keys that have changed since a version. */
  keys: ShownKey[];
  /** What to ask with next time. */
  version: number;
  /** Whether all values that were there have been read. */
  isComplete: boolean;
  /** Whether there are more keys than can be shown: the look has ended. */
  isFull: boolean;
  /** Why nothing is told, such as `NO_BUCKET`. */
  trouble?: CodedError;
}

const MOST_KEYS = 500;

/**
 * The keys and values of a bucket, kept current until it is closed: the first 500 keys that are read, with the beginning
 * of their values. Throws `BAD_BUCKET`, `BAD_KEY` for `keys`, which says by comma which ones, or `BAD_CHOICE`.
 */
export class BucketLook {
  private readonly shown = new Map<string, { entry: ShownKey; version: number }>();
  private readonly form: Form;
  private readonly watch: KvWatch;
  private version = 0;
  private isComplete = false;
  private isFull = false;
  private trouble: CodedError | undefined;

  constructor(connection: Connection, { bucket, keys, form }: { bucket: unknown; keys: unknown; form: unknown }) {
    this.form = checkForm(form);
    const settings = {
      bucket: checkBucketName(bucket),
      keys: checkKeyFilters(textSetting(keys)),
      start: 'values' as const,
    };
    this.watch = new KvWatch(connection, settings, {
      onEntry: (entry) => this.onEntry(entry),
      onValues: () => {
        this.isComplete = true;
      },
      onTrouble: (error) => {
        this.trouble = error;
      },
    });
  }

  /** What has changed since the version of an earlier report; 0 or anything else: everything. */
  since(version: unknown): BucketReport {
    const from = typeof version === 'number' ? version : 0;
    const changed = [...this.shown.values()].filter((one) => one.version > from);
    return {
      keys: changed.map(({ entry }) => entry),
      version: this.version,
      isComplete: this.isComplete,
      isFull: this.isFull,
      ...(this.trouble && { trouble: this.trouble }),
    };
  }

  /** Ends the watch; what is still to be done on the server then happens by itself. */
  close(): void {
    this.watch.close().catch(() => {});
  }

  private onEntry({ key, revision, time, operation, data }: KvEntry): void {
    if (this.isFull) return;
    if (!this.shown.has(key) && this.shown.size >= MOST_KEYS) {
      this.isFull = true;
      this.close();
      return;
    }
    const value = operation === 'put' ? { value: showPayload(data, this.form) } : {};
    this.shown.set(key, { entry: { key, revision, time, ...value }, version: ++this.version });
  }
}
