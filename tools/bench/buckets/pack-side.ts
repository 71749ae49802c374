import { startBench } from '../node-red';
import { ACTIONS, type Action, BUCKET, type BucketSide } from './side';

const PLACE = { z: 'tab', x: 0, y: 0, wires: [] as string[][] };
const SOURCE = 'source of ';
const END = 'end';

/** An event of the runtime's hook `onComplete`. */
interface Completed {
  node: { id: string };
  error?: Error;
}

/** The pack's nodes in a Node-RED of this process: a `nats-kv` for each action, and a `nats-kv-watch`. */
export async function packSide(port: number): Promise<BucketSide> {
  let last: Action | undefined;
  let onLast = () => {};
  let onValue = () => {};
  const onComplete = ({ node, error }: Completed) => {
    if (error) fail(error);
    else if (node.id === last) onLast();
  };
  const base = [
    { id: 'tab', type: 'tab', label: 'bench' },
    { id: 'server', type: 'nats-config', servers: `nats://127.0.0.1:${port}` },
    ...ACTIONS.flatMap((action) => [
      { ...PLACE, id: SOURCE + action, type: 'bench-end', wires: [[action]] },
      { ...PLACE, id: action, type: 'nats-kv', server: 'server', bucket: BUCKET, action, output: 'string' },
    ]),
  ];
  const watch = {
    type: 'nats-kv-watch',
    server: 'server',
    bucket: BUCKET,
    start: 'values',
    output: 'string',
    wires: [[END]],
  };
  const watching = [
    { ...PLACE, ...watch, id: 'watch' },
    { ...PLACE, id: END, type: 'bench-end' },
  ];
  const { nodes, deploy } = await startBench(base, () => onValue(), { hooks: { 'onComplete.bench': onComplete } });
  return {
    prepare: async (action, payload, onDone) => {
      last = action;
      onLast = onDone;
      const source = nodes.getNode(SOURCE + action);
      return (key) => source.send({ key, payload });
    },
    watch: async (onEach) => {
      onValue = onEach;
      await deploy([...base, ...watching]);
      return () => deploy(base);
    },
  };
}

/** Ends this process, whose measurement would never end. */
function fail(error: Error): void {
  setImmediate(() => {
    throw error;
  });
}
