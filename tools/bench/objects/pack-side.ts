import type { NodeMessage } from 'node-red';
import { startBench } from '../node-red';
import type { Side } from './side';

const PLACE = { z: 'tab', x: 0, y: 0, wires: [] as string[][] };
const server = 'server';
const END = 'end';

/** An event of the runtime's hook `onComplete`. */
interface Completed {
  node: { id: string };
  error?: Error;
}

/** The pack's nodes in a Node-RED of this process. */
export async function packSide(port: number, bucket: string): Promise<Side> {
  const object = { ...PLACE, type: 'nats-object', server, bucket, largestBytes: 2 ** 30, wires: [[END]] };
  let onCompleted = (_error?: Error) => {};
  let onMessage = (_msg: NodeMessage) => {};
  const onComplete = ({ node, error }: Completed) => {
    if (node.id !== END) onCompleted(error);
  };
  const { nodes } = await startBench(
    [
      { id: 'tab', type: 'tab', label: 'bench' },
      { id: server, type: 'nats-config', servers: `nats://127.0.0.1:${port}` },
      { ...object, id: 'put', action: 'put' },
      { ...object, id: 'get', action: 'get' },
      { ...object, id: 'parts', action: 'get', output: 'parts' },
      { ...PLACE, id: END, type: 'bench-end' },
    ],
    (_, msg) => onMessage(msg),
    { hooks: { 'onComplete.bench': onComplete } },
  );
  const perform = (id: string, msg: object) =>
    new Promise<void>((resolve, reject) => {
      onCompleted = (error) => (error ? reject(error) : resolve());
      nodes.getNode(id).receive(msg as NodeMessage);
    });
  /** Resolves with the bytes of all messages, once there are as many as the first one says. */
  const read = async (id: string, topic: string) => {
    let size = 0;
    let left: number | undefined;
    const all = new Promise<void>((resolve) => {
      onMessage = ({ payload, parts }) => {
        size += (payload as Buffer).length;
        left = (left ?? (parts as { count?: number } | undefined)?.count ?? 1) - 1;
        if (left === 0) resolve();
      };
    });
    await perform(id, { topic });
    await all;
    onMessage = () => {};
    return size;
  };
  return {
    put: (topic, payload) => perform('put', { topic, payload }),
    get: (topic) => read('get', topic),
    putParts: async (topic, part, count) => {
      for (let index = 0; index < count; index++) {
        // Another copy each time, as if it came from a file.
        await perform('put', { topic, payload: Buffer.from(part), parts: { id: topic, index, count, type: 'buffer' } });
      }
    },
    getParts: (topic) => read('parts', topic),
  };
}
