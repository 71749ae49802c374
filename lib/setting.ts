import { CodedError, shown } from './coded-error';

/** The longest time in milliseconds that a timer takes, about 24 days. */
export const MAX_NUMBER = 2 ** 31 - 1;

/** What a number may be: from 0 to `MAX_NUMBER` where nothing else is said. */
interface Range {
  min?: number;
  max?: number;
}

/**
 * A number that a flow or a message sets, within a range: numeric strings count, an empty or missing one is
 * `fallback`. Throws `BAD_NUMBER`.
 */
export function numberSetting(field: string, value: unknown, fallback: number, range: Range = {}): number {
  const { min = 0, max = MAX_NUMBER } = range;
  if (value === undefined || value === null || (typeof value === 'string' && value.trim() === '')) return fallback;
  const number = typeof value === 'number' || typeof value === 'string' ? Number(value) : Number.NaN;
  if (!(number >= min && number <= max)) throw new CodedError('BAD_NUMBER', { field, value: shown(value), min, max });
  return number;
}

/** A whole number, else as `numberSetting`. */
export function countSetting(field: string, value: unknown, fallback: number, range: Range = {}): number {
  const { min = 0, max = MAX_NUMBER } = range;
  const count = numberSetting(field, value, fallback, range);
  if (!Number.isInteger(count)) throw new CodedError('BAD_NUMBER-whole', { field, value: shown(value), min, max });
  return count;
}

/** The name in `${NAME}`, where a text is no more than that. */
export function variableName(text: string): string | undefined {
  return /^\$\{([^}]+)\}$/.exec(text)?.[1];
}

/** One of some words; an empty or missing value is `fallback`. Throws `BAD_CHOICE`. */
export function choiceSetting<T extends string>(field: string, value: unknown, choices: readonly T[], fallback: T): T {
  if (value === undefined || value === null || value === '') return fallback;
  const choice = choices.find((one) => one === value);
  if (choice !== undefined) return choice;
  throw new CodedError('BAD_CHOICE', { field, value: shown(value), choices: choices.join(', ') });
}

/** A text; a variable in its place may be of any type and is then JSON. An empty or missing one is `fallback`. */
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
