import type { Node, NodeAPI } from 'node-red';
import { type Catalogue, reportFailure } from './catalogue';

/** Starts a node whose code is loaded with the first one of its type. If either fails, the node shows the error. */
export function startNode(RED: NodeAPI, node: Node, catalogue: Catalogue, start: () => void): void {
  try {
    start();
  } catch (error) {
    reportFailure(RED, node, catalogue, error);
  }
}
