import type { Node, NodeMessage } from 'node-red';
import { isAskedFor, sentenceOf } from './catalogue';

/** What the runtime knows of a node and hides from its types. */
interface Inner {
  _flow?: { handleError(node: Node, error: Error, msg: object): boolean };
}

/**
 * Sends an error, with a message, to the Catch nodes. If none takes it, its sentence is logged, because the
 * debug sidebar shows only the beginning of an error. Returns whether a Catch node took it.
 */
export function reportError(node: Node, error: Error, msg?: NodeMessage): boolean {
  const { _flow: flow } = node as Node & Inner;
  if (msg && flow?.handleError(node, error, msg)) return true;
  if (!isAskedFor(error)) node.error(sentenceOf(error));
  return false;
}

/** Makes Node-RED report the errors of a node's messages in this way. */
export function reportEndings(node: Node): void {
  const { error: log } = node;
  node.error = (error: unknown, msg?: NodeMessage) => {
    if (error instanceof Error && msg) reportError(node, error, msg);
    else log.call(node, error, msg);
  };
}
