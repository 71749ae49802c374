import type { Node, NodeMessage } from 'node-red';

/** What the runtime knows of a node and hides from its types. */
interface Inner {
  _flow?: { handleError(node: Node, error: Error, msg: object): boolean };
}

/** Sends an error with a message to the Catch nodes, or logs it. Returns whether a Catch node has it. */
export function isCaught(node: Node, error: Error, msg: NodeMessage): boolean {
  const { _flow: flow } = node as Node & Inner;
  if (!flow) {
    node.error(error, msg);
    return true;
  }
  const isCaught = flow.handleError(node, error, msg);
  if (!isCaught) node.error(error);
  return isCaught;
}
