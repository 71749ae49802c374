import type { Node, NodeAPI } from 'node-red';
import { CodedError } from '../../lib/coded-error';
import { statusOf } from './status';

/** Where the texts of a family of nodes are kept: a node file's catalogue, by its full name. */
export type Catalogue = typeof NATS_TEXTS | typeof SENSE_HAT_TEXTS;
export const NATS_TEXTS = '@natshat/node-red/nats-config';
export const SENSE_HAT_TEXTS = '@natshat/node-red/sense-led';

/** An error as a Catch node gets it: its `code`, and a sentence from the catalogue that begins with it. */
export function nodeError(RED: NodeAPI, catalogue: Catalogue, error: unknown): Error {
  if (!(error instanceof CodedError)) return error instanceof Error ? error : new Error(String(error));
  const told = new Error(RED._(`${catalogue}:errors.${error.text}`, error.values));
  told.name = error.code;
  return Object.assign(told, { code: error.code });
}

const reported = new WeakSet<object>();

/** Shows what keeps a node from working, and logs it once for all nodes that have the same error. */
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
