import { shown } from '../../coded-error';

/** Why a request failed, as its answer tells it. */
export interface ServiceError {
  code: number;
  /** One line. */
  description: string;
}

/** The code of an error that has no number of its own. */
const UNKNOWN = 500;

/** Longer texts, such as those with a stack, are cut. */
const LONGEST = 1000;

/** A text as one line, which a header can have; empty if there is nothing to see. */
function lineOf(text: string): string {
  return text
    .slice(0, LONGEST)
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim();
}

/**
 * The error in a message's `error`: an object as a Catch node makes it, or a text. A `code` counts if it is a number.
 * `undefined` if there is none: a node may set `null`, `false` or an empty text to say so.
 */
export function serviceErrorOf(error: unknown): ServiceError | undefined {
  if (!error) return undefined;
  if (typeof error !== 'object') return failure(String(error));
  const { code, message } = error as { code?: unknown; message?: unknown };
  return failure(typeof message === 'string' ? message : shown(error), code);
}

/** An error with a description of any form. */
export function failure(description: string, code?: unknown): ServiceError {
  const isCode = Number.isSafeInteger(code) && (code as number) >= 0;
  return { code: isCode ? (code as number) : UNKNOWN, description: lineOf(description) || String(UNKNOWN) };
}

/** The headers of an answer that is an error: see _Error Handling_ in ADR-32. */
export function errorHeaders({ code, description }: ServiceError): [name: string, value: string][] {
  return [
    ['Nats-Service-Error', description],
    ['Nats-Service-Error-Code', String(code)],
  ];
}
