import { join } from 'node:path';
import type { Node, NodeMessage } from 'node-red';
import { type NodeRedOptions, startNodeRed } from '../../scripts/node-red';

/** The nodes of the benchmark, which are plain JavaScript. */
const NODES_DIR = join(__dirname, '..', '..', '..', 'tools', 'bench', 'floor');

/** Starts a Node-RED with the nodes of the benchmark; `onMessage` is called with each message at a `bench-end`. */
export async function startBench(
  flows: object[],
  onMessage: (id: string, msg: NodeMessage) => void,
  options: NodeRedOptions = {},
) {
  const settings = { nodesDir: NODES_DIR, bench: { onMessage } };
  const { app, stop } = await startNodeRed(flows, { settings, ...options });
  return { nodes: app.nodes as unknown as { getNode(id: string): Node }, stop };
}
