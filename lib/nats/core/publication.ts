import type { MsgHdrs } from 'nats';
import { encodedLength } from '../message/headers';

/** What becomes of a message while the server is away: keep it, fail at once, or let it go. */
export const WHEN_DOWN = ['hold', 'fail', 'drop'] as const;
export type WhenDown = (typeof WHEN_DOWN)[number];

/** A message on its way out. Subject and reply subject have been checked. */
export interface Publication {
  subject: string;
  data: Uint8Array;
  reply?: string | undefined;
  headers?: MsgHdrs | undefined;
  whenDown: WhenDown;
  /** Called when it is let go, before its outcome. */
  onDropped?(): void;
  /** How long it may be held; 0: for as long as it takes. */
  maxAgeMs: number;
  /** Whether it is done only when the server answered the PING behind it. */
  confirm: boolean;
}

/** How many bytes of a message the server counts as payload: headers and data. */
export function sizeOf({ data, headers }: Pick<Publication, 'data' | 'headers'>): number {
  return data.length + encodedLength(headers);
}

/** Called once with how a publication ended: without an error, or with a `CodedError`. */
export type Outcome = (error?: unknown) => void;

/** The part of an established connection that the outbox needs. */
export interface Link {
  /** Writes a message of so many bytes. Throws what the server would not take: `MAX_PAYLOAD`, `BAD_HEADERS`, `BAD_REPLY`. */
  publish(publication: Publication, size: number): void;
  /**
   * Sends a PING and resolves with the PONG: with the number of the last refusal before it. May never settle when the
   * connection breaks.
   */
  ping(): Promise<number>;
  /** Told of a subject that the server refuses where no message waits for its word. */
  onRefused(subject: string): void;
}
