import type { WrittenMessage } from '../client/publish';

/** What happens to a message while disconnected: hold it, fail at once, or drop it. */
export const WHEN_DOWN = ['hold', 'fail', 'drop'] as const;
export type WhenDown = (typeof WHEN_DOWN)[number];

/** A message to the server. Subject and reply subject have been checked. */
export interface Message extends WrittenMessage {
  /** Whether it completes only when the server has answered the PING after it. */
  confirm: boolean;
  /** Further subjects, which get the same short text before it, without headers or a reply subject. */
  others?: readonly string[] | undefined;
}

/** A message to publish. */
export interface Publication extends Message {
  whenDown: WhenDown;
  /** Called when it is dropped, before its outcome. */
  onDropped?(): void;
  /** How long it may be held, in milliseconds; 0: no limit. */
  maxAgeMs: number;
  /** The node that published it, which may withdraw it while it is held. */
  owner?: object | undefined;
  /** Whether `data` belongs to the flow, which may change it later: it is copied unless it is written at once. */
  isBorrowed?: boolean;
}

/** Gives a publication bytes of its own, in place: the flow cannot change them, and a text may be a part of a longer one. */
export function own<P extends Pick<Publication, 'data' | 'isBorrowed'>>(publication: P): P {
  const { data, isBorrowed } = publication;
  if (isBorrowed || typeof data === 'string') {
    publication.data = Buffer.from(data);
    publication.isBorrowed = false;
  }
  return publication;
}

/** Called once when a publication has ended: without an error, or with a `CodedError`. */
export type Outcome = (error?: unknown) => void;

/**
 * An accepted publication, with its size in bytes and its outcome.
 *
 * A class rather than an object literal, like everything else that `nats-publish` allocates for a message in flight. If
 * most objects of a literal survive a minor garbage collection, V8 allocates the next ones in its old space, where they
 * stay until the next major collection and keep alive what they refer to. See docs/benchmarks.md, Streams.
 */
export class Outgoing {
  constructor(
    readonly publication: Publication,
    readonly size: number,
    readonly outcome: Outcome,
  ) {}
}
