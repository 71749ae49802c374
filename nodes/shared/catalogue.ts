import type { Node, NodeAPI } from 'node-red';
import { CodedError } from '../../lib/coded-error';
import { statusOf } from './status';

/** The catalogue of a family of nodes: that of a node file, by its full name. */
export type Catalogue = typeof NATS_TEXTS | typeof SENSE_HAT_TEXTS;
export const NATS_TEXTS = '@natshat/node-red/nats-config';
export const SENSE_HAT_TEXTS = '@natshat/node-red/sense-led';

/** An error for a Catch node: with its `code` and its sentence from the catalogue. */
export function nodeError(RED: NodeAPI, catalogue: Catalogue, error: unknown): Error {
  if (!(error instanceof CodedError)) return error instanceof Error ? error : new Error(String(error));
  const translated = new Error(RED._(`${catalogue}:errors.${error.text}`, error.values));
  translated.name = error.code;
  return Object.assign(translated, { code: error.code });
}

const reported = new WeakSet<object>();

/** Shows an error that keeps a node from working, and logs it once for all nodes that share it. */
export function reportFailure(RED: NodeAPI, node: Node, catalogue: Catalogue, error: unknown): void {
  const failure = nodeError(RED, catalogue, error);
  const isNew = statusOf(node).set('failed', { fill: 'red', shape: 'ring', text: failure.message });
  if (!isNew) return;
  if (typeof error === 'object' && error !== null) {
    if (reported.has(error)) return;
    reported.add(error);
  }
  node.error(failure);
}
