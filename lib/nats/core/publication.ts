import type { MsgHdrs } from 'nats';
import { encodedLength } from '../message/headers';

/** What becomes of a message while the server is away: hold it, fail at once, or drop it. */
export const WHEN_DOWN = ['hold', 'fail', 'drop'] as const;
export type WhenDown = (typeof WHEN_DOWN)[number];

/** What is written to the server. Subject and reply subject have been checked. */
export interface Message {
  subject: string;
  data: Uint8Array;
  reply?: string | undefined;
  headers?: MsgHdrs | undefined;
  /** Whether it is complete only when the server has answered the PING behind it. */
  confirm: boolean;
}

/** A message on its way out. */
export interface Publication extends Message {
  whenDown: WhenDown;
  /** Called when it is dropped, before its outcome. */
  onDropped?(): void;
  /** The longest time for which it may be held, in milliseconds; 0: no limit. */
  maxAgeMs: number;
  /** Who may withdraw it while it is held: the node that published it. */
  owner?: object | undefined;
  /** Whether `data` belongs to the flow, which may change it later: it is copied unless it is written at once. */
  isBorrowed?: boolean;
}

/** How many bytes of a message the server counts as payload: headers and data. */
export function sizeOf({ data, headers }: Pick<Message, 'data' | 'headers'>): number {
  return data.length + encodedLength(headers);
}

/** A publication whose data no one else changes. */
export function owned(publication: Publication): Publication {
  return publication.isBorrowed
    ? { ...publication, data: Buffer.from(publication.data), isBorrowed: false }
    : publication;
}

/** Called once with how a publication ended: without an error, or with a `CodedError`. */
export type Outcome = (error?: unknown) => void;

/** A publication that has been accepted, with its size in bytes and where its outcome goes. */
export interface Outgoing {
  publication: Publication;
  size: number;
  outcome: Outcome;
}
