/** What happens to a message while disconnected: hold it, fail at once, or drop it. */
export const WHEN_DOWN = ['hold', 'fail', 'drop'] as const;
export type WhenDown = (typeof WHEN_DOWN)[number];

/** A message to the server. Subject and reply subject have been checked. */
export interface Message {
  subject: string;
  data: Uint8Array;
  reply?: string | undefined;
  /** Encoded. */
  headers?: Uint8Array | undefined;
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

/** The bytes of a message that the server counts as payload: headers and data. */
export function sizeOf({ data, headers }: Pick<Message, 'data' | 'headers'>): number {
  return data.length + (headers?.length ?? 0);
}

/** The publication with data that the flow cannot change. */
export function owned<P extends Pick<Publication, 'data' | 'isBorrowed'>>(publication: P): P {
  return publication.isBorrowed
    ? { ...publication, data: Buffer.from(publication.data), isBorrowed: false }
    : publication;
}

/** Called once when a publication has ended: without an error, or with a `CodedError`. */
export type Outcome = (error?: unknown) => void;

/** An accepted publication, with its size in bytes and its outcome. */
export interface Outgoing {
  publication: Publication;
  size: number;
  outcome: Outcome;
}
