import { CodedError } from '../../coded-error';
import { isToCome, type Playback } from './playback';

/** How many playbacks may wait. */
const MAX_QUEUED = 1000;

/** How many bytes of memory they may take, unless it is one alone. */
const MAX_QUEUED_BYTES = 32 * 1024 * 1024;

/** The playbacks that wait in order and, apart from them, those that replace what is on at an appointed time. */
export class PlaybackQueue {
  private inOrder: Playback[] = [];
  /** The earliest first. */
  private appointed: Playback[] = [];
  private totalBytes = 0;

  /** How many playbacks wait. */
  get length(): number {
    return this.inOrder.length + this.appointed.length;
  }

  /** The playbacks that wait, those with an appointment last. */
  get all(): Playback[] {
    return [...this.inOrder, ...this.appointed];
  }

  /** When the next appointment is; infinity if there is none. */
  get nextAppointment(): number {
    return this.appointed[0]?.startsAt ?? Number.POSITIVE_INFINITY;
  }

  /** How many bytes of memory they all take. */
  get bytes(): number {
    return this.totalBytes;
  }

  /** The next one in order. */
  get next(): Playback | undefined {
    return this.inOrder[0];
  }

  /** Why this one cannot wait as well; `undefined` if it can. */
  refusal({ bytes }: Pick<Playback, 'bytes'>): CodedError | undefined {
    return queueFull(this.length, this.totalBytes + bytes);
  }

  /** Adds a playback behind all others in order. */
  push(playback: Playback): void {
    this.inOrder.push(playback);
    this.totalBytes += playback.bytes;
  }

  /** Adds playbacks before all others in order. */
  unshift(...playbacks: Playback[]): void {
    this.inOrder.unshift(...playbacks);
    this.totalBytes += bytesOf(playbacks);
  }

  /** Removes the next one in order. */
  shift(): Playback | undefined {
    const next = this.inOrder.shift();
    this.totalBytes -= next?.bytes ?? 0;
    return next;
  }

  /** Keeps a playback until the time at which it replaces what is on then. */
  appoint(playback: Playback): void {
    const later = this.appointed.findIndex(({ startsAt }) => (startsAt ?? 0) > (playback.startsAt ?? 0));
    this.appointed.splice(later < 0 ? this.appointed.length : later, 0, playback);
    this.totalBytes += playback.bytes;
  }

  /** Removes a playback whose appointment has come. */
  takeAppointed(now: number): Playback | undefined {
    const [first] = this.appointed;
    if (!first || isToCome(first, now)) return undefined;
    this.appointed.shift();
    this.totalBytes -= first.bytes;
    return first;
  }

  /** Removes the playbacks that match, and returns them in two lists, as they waited. */
  remove(matches: (playback: Playback) => boolean): { inOrder: Playback[]; appointed: Playback[] } {
    const removed = { inOrder: this.inOrder.filter(matches), appointed: this.appointed.filter(matches) };
    this.inOrder = this.inOrder.filter((playback) => !matches(playback));
    this.appointed = this.appointed.filter((playback) => !matches(playback));
    this.totalBytes -= bytesOf(removed.inOrder) + bytesOf(removed.appointed);
    return removed;
  }

  /** Removes and returns all that wait in order. */
  takeAll(): Playback[] {
    this.totalBytes -= bytesOf(this.inOrder);
    return this.inOrder.splice(0);
  }

  /** Removes and returns the next one and all others that replaced it. */
  takeReplaced(): Playback[] {
    const [first, ...others] = this.takeAll();
    this.unshift(...others.filter(({ busy }) => busy !== 'replace'));
    return first ? [first, ...others.filter(({ busy }) => busy === 'replace')] : [];
  }
}

function bytesOf(playbacks: readonly Playback[]): number {
  return playbacks.reduce((sum, { bytes }) => sum + bytes, 0);
}

/** `QUEUE_FULL` if no other playback can wait behind those `waiting`; `bytes` includes its own. */
export function queueFull(waiting: number, bytes: number): CodedError | undefined {
  if (waiting >= MAX_QUEUED) return new CodedError('QUEUE_FULL', { limit: MAX_QUEUED });
  const isTooLarge = waiting > 0 && bytes > MAX_QUEUED_BYTES;
  return isTooLarge ? new CodedError('QUEUE_FULL-bytes', { limit: MAX_QUEUED_BYTES / 2 ** 20 }) : undefined;
}
