import { CodedError, shown } from './coded-error';

/** The longest delay of a timer in milliseconds, about 24 days. */
export const MAX_NUMBER = 2 ** 31 - 1;

/** The bounds of a number; by default 0 and `MAX_NUMBER`. */
interface Range {
  min?: number;
  max?: number;
}

/**
 * A number within a range, as a flow or a message sets it: numeric strings are accepted, an empty or missing value is
 * `fallback`. Throws `BAD_NUMBER`.
 */
export function numberSetting(field: string, value: unknown, fallback: number, range: Range = {}): number {
  const { min = 0, max = MAX_NUMBER } = range;
  if (value === undefined || value === null || (typeof value === 'string' && value.trim() === '')) return fallback;
  const number = typeof value === 'number' || typeof value === 'string' ? Number(value) : Number.NaN;
  if (!(number >= min && number <= max)) throw new CodedError('BAD_NUMBER', { field, value: shown(value), min, max });
  return number;
}

/** A whole number; otherwise like `numberSetting`. */
export function countSetting(field: string, value: unknown, fallback: number, range: Range = {}): number {
  const { min = 0, max = MAX_NUMBER } = range;
  const count = numberSetting(field, value, fallback, range);
  if (!Number.isInteger(count)) throw new CodedError('BAD_NUMBER-whole', { field, value: shown(value), min, max });
  return count;
}

/** The name in `${NAME}`, if that is the whole text. */
export function variableName(text: string): string | undefined {
  return /^\$\{([^}]+)\}$/.exec(text)?.[1];
}

/** One of the choices; an empty or missing value is `fallback`. Throws `BAD_CHOICE`. */
export function choiceSetting<T extends string>(field: string, value: unknown, choices: readonly T[], fallback: T): T {
  return value === undefined || value === null || value === '' ? fallback : choiceOf(field, value, choices);
}

/** One of the choices, which must be given. Throws `BAD_CHOICE`. */
export function choiceOf<T extends string>(field: string, value: unknown, choices: readonly T[]): T {
  const choice = choices.find((one) => one === value);
  if (choice !== undefined) return choice;
  throw new CodedError('BAD_CHOICE', { field, value: shown(value), choices: choices.join(', ') });
}

/** A string; any other type, which only a variable has, becomes JSON. An empty or missing value is `fallback`. */
export function textSetting(value: unknown, fallback = ''): string {
  if (value === undefined || value === null || value === '') return fallback;
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** True or false; an empty or missing value is `fallback`. Throws `BAD_SWITCH`. */
export function switchSetting(field: string, value: unknown, fallback: boolean): boolean {
  if (value === undefined || value === null || value === '') return fallback;
  if (typeof value === 'boolean') return value;
  throw new CodedError('BAD_SWITCH', { field, value: shown(value) });
}
