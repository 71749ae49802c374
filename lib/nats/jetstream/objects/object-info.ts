import { CodedError, shown } from '../../../coded-error';
import { isPlainObject } from '../../../plain-object';
import type { PlainHeaders } from '../../message/headers';
import { isName } from '../names';
import { padded } from './object-name';

/** An object that another one stands for; without a name, a whole bucket. */
export interface ObjectLink {
  bucket: string;
  name?: string;
}

/** What is known of an object. */
export interface ObjectInfo {
  bucket: string;
  name: string;
  /** In bytes. */
  size: number;
  chunks: number;
  /** `SHA-256=` and the hash in base64. */
  digest: string;
  /** When it was stored, ISO 8601. */
  time: string;
  description?: string;
  metadata?: Record<string, string>;
  headers?: PlainHeaders;
  link?: ObjectLink;
}

/** What a bucket has under a name. */
export interface Described {
  /** The token of its chunks' subject; a link may have none. */
  nuid: string | undefined;
  isDeleted: boolean;
  /** The sequence of the message that describes it. */
  sequence: number;
  /** That description, as it was read. */
  described: Record<string, unknown>;
}

/** An object as a bucket has it. */
export interface StoredObject extends Described {
  info: ObjectInfo;
}

const DIGEST = 'SHA-256=';

/** The text of a SHA-256 hash. */
export function digestOf(hash: Buffer): string {
  return DIGEST + padded(hash.toString('base64url'));
}

/** Whether a digest is that of a SHA-256 hash; clients use both alphabets of base64, padded or not. */
export function isDigestOf(digest: string, hash: Buffer): boolean {
  return digest.startsWith(DIGEST) && Buffer.from(digest.slice(DIGEST.length), 'base64').equals(hash);
}

/** Where the description of an object comes from. */
export interface DescribedAt {
  bucket: string;
  sequence: number;
  time: string;
}

/**
 * Reads the description of an object, which any client may have written. Throws `BAD_OBJECT` if it is none. The schema:
 * https://github.com/nats-io/nats-architecture-and-design/blob/main/adr/ADR-20.md
 */
export function readObject(data: Uint8Array, { bucket, sequence, time }: DescribedAt): StoredObject {
  const described = parse(data);
  const { name, nuid, size = 0, chunks = 0, digest = '', deleted, description, metadata, headers } = described;
  const link = linkIn(described);
  const hasChunks = typeof chunks === 'number' && chunks > 0;
  // It becomes part of a subject, under which everything is deleted some day.
  const isValid =
    typeof name === 'string' &&
    name !== '' &&
    isCount(size) &&
    isCount(chunks) &&
    typeof digest === 'string' &&
    (isName(nuid) || ((nuid === undefined || nuid === '') && !hasChunks));
  if (!isValid) {
    throw new CodedError('BAD_OBJECT-description', { bucket, value: shown(Buffer.from(data).toString()) });
  }
  const info: ObjectInfo = { bucket, name, size, chunks, digest, time };
  if (typeof description === 'string' && description !== '') info.description = description;
  if (isObject(metadata) && isPlainObject(metadata) && Object.keys(metadata).length > 0) {
    info.metadata = metadata as Record<string, string>;
  }
  const plain = plainHeaders(headers);
  if (plain) info.headers = plain;
  if (link) info.link = link;
  return { info, nuid: isName(nuid) ? nuid : undefined, isDeleted: deleted === true, sequence, described };
}

function parse(data: Uint8Array): Record<string, unknown> {
  try {
    const described: unknown = JSON.parse(Buffer.from(data).toString());
    if (isObject(described)) return described;
  } catch {
    // Falls through.
  }
  return {};
}

function linkIn({ options }: Record<string, unknown>): ObjectLink | undefined {
  const { link } = (options ?? {}) as { link?: { bucket?: unknown; name?: unknown } };
  if (!isObject(link)) return undefined;
  const { bucket, name } = link;
  return {
    bucket: typeof bucket === 'string' ? bucket : JSON.stringify(bucket ?? ''),
    ...(typeof name === 'string' && name !== '' && { name }),
  };
}

function plainHeaders(headers: unknown): PlainHeaders | undefined {
  if (!isObject(headers)) return undefined;
  const entries = Object.entries(headers).flatMap(([name, values]): [string, string | string[]][] => {
    const texts = Array.isArray(values) ? values.filter((value) => typeof value === 'string') : [];
    return texts.length > 0 ? [[name, texts.length === 1 ? (texts[0] as string) : texts]] : [];
  });
  return entries.length > 0 ? Object.fromEntries(entries) : undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
