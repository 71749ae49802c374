import { CodedError, shown } from './coded-error';

/** A number that a flow or a message sets: numeric strings count, an empty or missing one is `fallback`. Throws `BAD_NUMBER`. */
export function numberField(field: string, value: unknown, fallback: number): number {
  if (value === undefined || value === null || (typeof value === 'string' && value.trim() === '')) return fallback;
  const number = typeof value === 'number' || typeof value === 'string' ? Number(value) : Number.NaN;
  if (!Number.isFinite(number) || number < 0) throw new CodedError('BAD_NUMBER', { field, value: shown(value) });
  return number;
}
