import { CodedError } from '../../coded-error';

/** The memory for denied subjects: as much as for the messages that wait. An entry costs about this much more. */
const MAX_BYTES = 64 * 1024 * 1024;
const ENTRY_BYTES = 100;

/** How often a server has denied each subject between two PONGs. A hostile one may do so without end. */
export class DeniedSubjects {
  private readonly times = new Map<string, number>();
  private bytes = 0;
  private isIncomplete = false;

  get isEmpty(): boolean {
    return this.times.size === 0;
  }

  /** The server has denied a message to this subject. */
  add(subject: string): void {
    const times = this.times.get(subject) ?? 0;
    if (times === 0) this.bytes += subject.length + ENTRY_BYTES;
    if (times > 0 || this.bytes <= MAX_BYTES) this.times.set(subject, times + 1);
    else this.isIncomplete = true;
  }

  /**
   * Returns a function for the error of each sent message, by its subject; `undefined` if the server has accepted it.
   * Calls `onOther` with the denied subjects of other messages.
   */
  errors(sent: { subject: string }[], onOther: (subject: string) => void): (subject: string) => CodedError | undefined {
    const counts = new Map<string, number>();
    for (const { subject } of sent) counts.set(subject, (counts.get(subject) ?? 0) + 1);
    for (const subject of this.times.keys()) if (!counts.has(subject)) onOther(subject);

    const errors = new Map<string, CodedError>();
    return (subject) => {
      const times = this.times.get(subject) ?? 0;
      if (times === 0 && !this.isIncomplete) return undefined;
      const error = errors.get(subject) ?? errorOf(subject, times, counts.get(subject) ?? 0);
      errors.set(subject, error);
      return error;
    };
  }
}

function errorOf(subject: string, denied: number, sent: number): CodedError {
  // The permissions have changed in between, and the server does not say which message it denied.
  if (denied < sent) return new CodedError('UNCONFIRMED-refused', { subject });
  return new CodedError('PERMISSION-publish', { subject });
}
