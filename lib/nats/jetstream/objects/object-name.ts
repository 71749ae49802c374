import { CodedError, shown } from '../../../coded-error';

/** As a token of a subject it is a third longer, and the server reads no lines of more than 4,096 bytes. */
const MAX_BYTES = 1024;

/** Half of a surrogate pair has no bytes of its own: several names would be the same one. */
const HALF = /\p{Cs}/u;

/** Returns the name of an object, which may contain anything; throws `BAD_OBJECT` if it is empty or too long. */
export function checkObjectName(value: unknown): string {
  if (value === undefined || value === null || value === '') throw new CodedError('BAD_OBJECT-missing');
  if (typeof value !== 'string' || HALF.test(value) || Buffer.byteLength(value) > MAX_BYTES) {
    throw new CodedError('BAD_OBJECT', { value: shown(value) });
  }
  return value;
}

// https://github.com/nats-io/nats-architecture-and-design/blob/main/adr/ADR-20.md

/** The subject of the chunks of one version of an object. */
export function chunkSubject(bucket: string, nuid: string): string {
  return `$O.${bucket}.C.${nuid}`;
}

/** The subject of what describes an object. */
export function metaSubject(bucket: string, name: string): string {
  return `$O.${bucket}.M.${padded(Buffer.from(name).toString('base64url'))}`;
}

/** The subjects of what describes all objects. */
export function metaSubjects(bucket: string): string {
  return `$O.${bucket}.M.>`;
}

/** Base64 as ADR-20 has it: with the alphabet for URLs, and padded. */
export function padded(base64url: string): string {
  return base64url + '='.repeat((4 - (base64url.length % 4)) % 4);
}
