import type { Node, NodeAPI } from 'node-red';
import { CodedError } from '../../lib/coded-error';
import { statusOf } from './status';

/** The catalogue of a family of nodes: that of a node file, by its full name. */
export type Catalogue = typeof NATS_TEXTS | typeof SENSE_HAT_TEXTS;
export const NATS_TEXTS = '@natshat/node-red/nats-config';
export const SENSE_HAT_TEXTS = '@natshat/node-red/sense-led';

/** Errors of messages for the matrix that only say that somebody asked for something else. */
const ASKED_FOR: ReadonlySet<string> = new Set(['BUSY', 'CLOSED', 'REPLACED', 'STOPPED']);

const askedFor = new WeakSet<Error>();

/** The keys of errors whose sentence is the same whatever their values. */
const fixedTexts = new WeakMap<Error, string>();

/** Whether the sentence of a key is the same whatever its values. */
const areFixed = new Map<string, boolean>();

function isFixed(RED: NodeAPI, key: string, { values }: CodedError): boolean {
  const known = areFixed.get(key);
  if (known !== undefined) return known;
  const marked = Object.fromEntries(Object.keys(values).map((name) => [name, '\0']));
  const found = !RED._(key, marked).includes('\0');
  areFixed.set(key, found);
  return found;
}

/** Whether a file of the pack is gone, because it was updated or removed while Node-RED runs. */
const isMissingFile = (error: unknown) => (error as { code?: unknown } | undefined)?.code === 'MODULE_NOT_FOUND';

/** An error for a Catch node: with its `code` and its sentence from the catalogue. */
export function nodeError(RED: NodeAPI, catalogue: Catalogue, cause: unknown): Error {
  const error = isMissingFile(cause) ? new CodedError('NOT_LOADED') : cause;
  if (!(error instanceof CodedError)) return error instanceof Error ? error : new Error(String(error));
  const key = `${catalogue}:errors.${error.text}`;
  const translated = new Error(RED._(key, error.values));
  translated.name = error.code;
  if (isFixed(RED, key, error)) fixedTexts.set(translated, key);
  if (catalogue === SENSE_HAT_TEXTS && ASKED_FOR.has(error.code)) askedFor.add(translated);
  return Object.assign(translated, { code: error.code });
}

/** Whether an error of `nodeError` only says that somebody asked for something else. */
export function isAskedFor(error: Error): boolean {
  return askedFor.has(error);
}

/**
 * An error of `nodeError` as a status shows it: the key of its sentence, which the editor translates into its own
 * language, or the sentence in the language of the server if that has values.
 */
export function statusTextOf(error: Error): string {
  return fixedTexts.get(error) ?? error.message;
}

/** An error as a log shows it: its sentence, and its code at the end. */
export function sentenceOf(error: Error): string {
  const { code } = error as Error & { code?: string };
  return code ? `${error.message} (${code})` : String(error);
}

const reported = new WeakSet<object>();

/** Whether an error that several nodes may share has not been logged yet. */
function isUnreported(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return true;
  const isNew = !reported.has(error);
  reported.add(error);
  return isNew;
}

/** Shows an error that keeps a node from working, and logs it once for all nodes that share it. */
export function reportFailure(RED: NodeAPI, node: Node, catalogue: Catalogue, error: unknown): void {
  const failure = nodeError(RED, catalogue, error);
  const isNew = statusOf(node).set('failed', { fill: 'red', shape: 'ring', text: statusTextOf(failure) });
  if (isNew && isUnreported(error)) node.error(sentenceOf(failure));
}

/** Shows what a node that works cannot do, and logs it once for all nodes that share it. */
export function warnOfFailure(RED: NodeAPI, node: Node, catalogue: Catalogue, error: unknown): void {
  const failure = nodeError(RED, catalogue, error);
  const isNew = statusOf(node).set('state', { fill: 'yellow', shape: 'dot', text: statusTextOf(failure) });
  if (isNew && isUnreported(error)) node.warn(sentenceOf(failure));
}
