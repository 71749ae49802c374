import { CodedError, shown } from './coded-error';

/** The longest time in milliseconds that a timer takes, about 24 days. */
export const MAX_NUMBER = 2 ** 31 - 1;

/**
 * A number that a flow or a message sets, from 0 to `MAX_NUMBER`: numeric strings count, an empty or missing one is
 * `fallback`. Throws `BAD_NUMBER`.
 */
export function numberField(field: string, value: unknown, fallback: number): number {
  if (value === undefined || value === null || (typeof value === 'string' && value.trim() === '')) return fallback;
  const number = typeof value === 'number' || typeof value === 'string' ? Number(value) : Number.NaN;
  if (!(number >= 0 && number <= MAX_NUMBER)) throw new CodedError('BAD_NUMBER', { field, value: shown(value) });
  return number;
}
