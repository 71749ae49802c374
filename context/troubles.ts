import type { CodedError } from '../lib/coded-error';
import { log } from './node-red';
import { contextError } from './texts';

/** What is wrong at the moment, each reason in the log once, however many notice it. */
export class Troubles {
  private readonly current = new Map<string, CodedError>();

  constructor(private readonly bucket: string) {}

  /** The latest reason that still holds. */
  get latest(): CodedError | undefined {
    return [...this.current.values()].at(-1);
  }

  /** Someone notices what is wrong, or `undefined` if nothing is any more. */
  set(noticedBy: string, error: CodedError | undefined): void {
    const known = Array.from(this.current.values(), (other) => contextError(other).message);
    this.current.delete(noticedBy);
    if (!error) return;
    this.current.set(noticedBy, error);
    const { message } = contextError(error);
    if (!known.includes(message)) log('warn', this.bucket, message);
  }
}
