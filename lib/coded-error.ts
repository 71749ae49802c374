/** The values that a text in a catalogue can refer to, such as `{ subject: '"a..b"' }`. Never a secret. */
type ErrorValues = Record<string, string | number>;

/**
 * An error with a stable `code` that flows may test.
 *
 * `text` is the key of its sentence in a catalogue (below `errors.`): the code itself, or
 * `CODE-variant` where one code has several sentences. `values` are inserted into the sentence.
 * `toString()` begins with the code, so a Catch node shows `BAD_PIXELS: ...`.
 */
export class CodedError extends Error {
  readonly code: string;

  constructor(
    readonly text: string,
    readonly values: ErrorValues = {},
    options?: ErrorOptions,
  ) {
    super(
      Object.entries(values)
        .map(([name, value]) => `${name} ${value}`)
        .join(', '),
      options,
    );
    this.code = text.replace(/-.*/, '');
    this.name = this.code;
  }
}

const LONGEST = 80;

/** A value as an error text shows it: JSON, so that control characters are visible, cut to 80 characters. */
export function shown(value: unknown): string {
  let text: string;
  try {
    text = (typeof value === 'number' ? undefined : JSON.stringify(value)) ?? String(value);
  } catch {
    text = kindOf(value);
  }
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}

function kindOf(value: unknown): string {
  try {
    return Object.prototype.toString.call(value);
  } catch {
    return `[${typeof value}]`;
  }
}
