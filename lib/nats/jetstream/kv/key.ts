import { CodedError, shown } from '../../../coded-error';
import { entriesOf } from '../names';

// The keys that all clients accept: https://github.com/nats-io/nats-architecture-and-design/blob/main/adr/ADR-8.md
const TOKEN = '[-/_=a-zA-Z0-9]+';
const KEY = new RegExp(`^${TOKEN}(?:\\.${TOKEN})*$`);
const FILTER = new RegExp(`^(?:>|(?:\\*|${TOKEN})(?:\\.(?:\\*|${TOKEN}))*(?:\\.>)?)$`);
const BUCKET = /^[-_a-zA-Z0-9]+$/;

/** As long as the names of streams may be. */
const LONGEST_STREAM = 255;

/** As long as subjects may be, less the bucket and what is before it. */
const LONGEST_KEY = 1600;

/** Returns a key: tokens separated by dots. Throws `BAD_KEY`. */
export function checkKey(value: unknown): string {
  if (typeof value === 'string' && value.length <= LONGEST_KEY && KEY.test(value)) return value;
  const isMissing = value === undefined || value === null || value === '';
  throw new CodedError(isMissing ? 'BAD_KEY-missing' : 'BAD_KEY', { value: shown(value) });
}

/** Returns a filter of keys: `*` matches one token, `>` at the end one or more. Throws `BAD_KEY`. */
export function checkKeyFilter(value: unknown): string {
  if (typeof value === 'string' && value.length <= LONGEST_KEY && FILTER.test(value)) return value;
  throw new CodedError('BAD_KEY-filter', { value: shown(value) });
}

/** Returns the filters in a list by comma or line; none of them: all keys. Throws `BAD_KEY`. */
export function checkKeyFilters(text: string): string[] {
  const filters = entriesOf(text).map(checkKeyFilter);
  return filters.length > 0 ? filters : ['>'];
}

/** Returns the name of a bucket, or throws `BAD_BUCKET`. `prefix`: with it, the name is that of the bucket's stream. */
export function checkBucketName(value: unknown, prefix: 'KV_' | 'OBJ_' = 'KV_'): string {
  const longest = LONGEST_STREAM - prefix.length;
  if (typeof value === 'string' && value.length <= longest && BUCKET.test(value)) return value;
  const isMissing = value === undefined || value === null || value === '';
  throw new CodedError(isMissing ? 'BAD_BUCKET-missing' : 'BAD_BUCKET', { value: shown(value) });
}

/** Returns the revision of a value, 0 for that of no value, or throws `BAD_REVISION`. */
export function checkRevision(value: unknown): number {
  if (Number.isSafeInteger(value) && (value as number) >= 0) return value as number;
  const isMissing = value === undefined || value === null;
  throw new CodedError(isMissing ? 'BAD_REVISION-missing' : 'BAD_REVISION', { value: shown(value) });
}
