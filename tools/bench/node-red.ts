import { once } from 'node:events';
import { join } from 'node:path';
import type { Node, NodeMessage, NodeRedApp } from 'node-red';
import { type NodeRedOptions, startNodeRed } from '../../scripts/node-red';

/** The nodes of the benchmark, which are plain JavaScript. */
const NODES_DIR = join(__dirname, '..', '..', '..', 'tools', 'bench', 'floor');

/** Starts a Node-RED with the nodes of the benchmark; `onMessage` is called with each message at a `bench-end`. */
export async function startBench(
  flows: object[],
  onMessage: (id: string, msg: NodeMessage) => void,
  options: NodeRedOptions = {},
) {
  const settings = { nodesDir: NODES_DIR, bench: { onMessage }, ...options.settings };
  const { app, stop } = await startNodeRed(flows, { ...options, settings });
  const { runtime, events } = app as NodeRedApp & { runtime: Runtime };
  return {
    nodes: app.nodes as unknown as { getNode(id: string): Node },
    /** Deploys what has changed; resolves when the flows run. */
    deploy: async (flows: object[]): Promise<void> => {
      const started = once(events, 'flows:started');
      await runtime.flows.setFlows({ flows: { flows }, deploymentType: 'nodes' });
      await started;
    },
    stop,
  };
}

/** The part of the runtime that the editor's API calls: https://nodered.org/docs/api/modules/v/1.3/@node-red_runtime */
interface Runtime {
  flows: { setFlows(options: { flows: { flows: object[] }; deploymentType: string }): Promise<unknown> };
}
