import { startBench } from '../node-red';
import { DUPLICATE_WINDOW_S } from './server';
import type { ReadOptions, Side } from './side';

const PLACE = { z: 'tab', x: 0, y: 0, wires: [] as string[][] };
const END = { ...PLACE, type: 'bench-end' };
const server = 'server';
const SOURCE = 'source';
const LAST = 'last';

/** An event of the runtime's hook `onComplete`. */
interface Completed {
  node: { id: string };
  error?: Error;
}

/** The pack's nodes in a Node-RED of this process. */
export async function packSide(port: number): Promise<Side> {
  const base = [
    { id: 'tab', type: 'tab', label: 'bench' },
    { id: server, type: 'nats-config', servers: `nats://127.0.0.1:${port}` },
  ];
  let onLast = () => {};
  const onComplete = ({ node, error }: Completed) => {
    if (error) fail(error);
    if (node.id === LAST) onLast();
  };
  const { nodes, deploy } = await startBench(base, () => {}, { hooks: { 'onComplete.bench': onComplete } });
  return {
    publisher: async (subject, payload, onStored) => {
      onLast = onStored;
      await deploy([...base, ...publishing(subject)]);
      const source = nodes.getNode(SOURCE);
      return () => source.send({ payload });
    },
    read: async (options, onMessage) => {
      onLast = options.isHeld ? () => {} : onMessage;
      await deploy([...base, ...reading(options)]);
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

function publishing(subject: string): object[] {
  return [
    { ...END, id: SOURCE, wires: [[LAST]] },
    { ...PLACE, id: LAST, type: 'nats-publish', server, subject, confirm: 'stored' },
  ];
}

function reading({ stream, storage, isAcknowledged, window, isHeld }: ReadOptions): object[] {
  const ack = isAcknowledged ? 'explicit' : 'none';
  return [
    { id: 'stream', type: 'nats-stream', server, stream, storage, duplicateWindowS: DUPLICATE_WINDOW_S },
    { ...PLACE, id: 'consume', type: 'nats-consume', stream: 'stream', ack, atOnce: window, wires: [[LAST]] },
    isAcknowledged && !isHeld ? { ...PLACE, id: LAST, type: 'nats-ack', server } : { ...END, id: LAST },
  ];
}
