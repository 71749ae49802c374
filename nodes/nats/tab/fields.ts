import { isPlainObject } from '../../../lib/plain-object';

/** The fields of a request; those of anything but an object are missing. */
export type Fields = Record<string, unknown>;

/** The fields in a request's JSON. */
export function fieldsOf(body: unknown): Fields {
  return typeof body === 'object' && body !== null && isPlainObject(body) ? (body as Fields) : {};
}
