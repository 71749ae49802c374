import type { MsgHdrs } from 'nats';
import type { Received } from '../../client/received';
import { decodeHeaders, type PlainHeaders } from '../../message/headers';
import { type Delivery, isoTime } from '../consuming/ack-subject';
import type { LastMessage } from '../last-message';

/** What was done to a key: a value was put, or the key was deleted with or without keeping what it had before. */
export type Operation = 'put' | 'delete' | 'purge';

/** One value of a key, or the marker that the key has been deleted. */
export interface KvEntry {
  key: string;
  data: Uint8Array;
  /** The sequence in the bucket's stream. */
  revision: number;
  operation: Operation;
  /** When it was stored, ISO 8601 with milliseconds. */
  time: string;
  /** The headers that it was stored with, without those of the protocol. */
  headers?: PlainHeaders;
}

export const OPERATION_HEADER = 'KV-Operation';

/** Why the server itself has put a marker: https://github.com/nats-io/nats-architecture-and-design/blob/main/adr/ADR-48.md */
const REASON_HEADER = 'Nats-Marker-Reason';

/** The entry of a key's last message. */
export function lastEntry({ data, headers, sequence, time }: LastMessage, key: string): KvEntry {
  return entry(key, data, sequence, time, headers);
}

/** The entry of a message that a consumer has delivered; its key begins after so many characters of the subject. */
export function deliveredEntry(msg: Received, { sequence, timeNs }: Delivery, start: number): KvEntry {
  return entry(msg.subject.slice(start), msg.data, sequence, isoTime(timeNs), msg.headers);
}

/** The operation that the headers of an entry stand for. */
export function operationOf(headers: MsgHdrs | undefined): Operation {
  if (!headers) return 'put';
  const operation = headers.get(OPERATION_HEADER);
  if (operation === 'PURGE') return 'purge';
  if (operation === 'DEL') return 'delete';
  const reason = headers.get(REASON_HEADER);
  if (reason) return reason === 'Remove' ? 'delete' : 'purge';
  return 'put';
}

function entry(key: string, data: Uint8Array, revision: number, time: string, headers: MsgHdrs | undefined): KvEntry {
  // A copy: the message is a view of the chunk that the socket has read.
  const made: KvEntry = { key, data: Buffer.from(data), revision, operation: operationOf(headers), time };
  const own = headers && ownHeaders(headers);
  if (own) made.headers = own;
  return made;
}

/** The headers without those of the protocol. */
function ownHeaders(headers: MsgHdrs): PlainHeaders | undefined {
  const all = Object.entries(decodeHeaders(headers) ?? {});
  const own = all.filter(([name]) => !name.startsWith('Nats-') && name !== OPERATION_HEADER);
  return own.length > 0 ? Object.fromEntries(own) : undefined;
}
