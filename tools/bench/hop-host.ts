// A process that passes messages from one node to the next in Node-RED, and does nothing else.
import { memoryInUse } from './memory';
import { startBench } from './node-red';
import { serve } from './processes';

/** Messages that arrive together enter a flow in shares of this size, as those of a subscription do. */
const SHARE = 256;

const PLACE = { type: 'bench-end', z: 'tab', x: 0, y: 0 };

async function main(pairs: number): Promise<void> {
  let onMessage = () => {};
  const indexes = Array.from({ length: pairs }, (_, n) => n);
  const flow = [
    { id: 'tab', type: 'tab', label: 'hop' },
    ...indexes.flatMap((n) => [
      { ...PLACE, id: `source${n}`, wires: [[`end${n}`]] },
      { ...PLACE, id: `end${n}`, wires: [] },
    ]),
  ];
  const { nodes } = await startBench(flow, () => onMessage());
  const sources = indexes.map((n) => nodes.getNode(`source${n}`));
  serve({
    /** Resolves with the seconds and the microseconds of CPU time that so many messages take. */
    pass: async (count: number): Promise<{ seconds: number; cpuUs: number }> => {
      const cpu = process.cpuUsage();
      const startedAt = performance.now();
      let sent = 0;
      let arrived = 0;
      await new Promise<void>((resolve) => {
        onMessage = () => {
          if (++arrived === count) resolve();
        };
        const sendShare = () => {
          const end = Math.min(sent + SHARE, count);
          // With an id, because making one is a choice of the node that sends.
          for (; sent < end; sent++) sources[sent % pairs]?.send({ _msgid: 'hop', payload: 'hop' });
          if (sent < count) setImmediate(sendShare);
        };
        sendShare();
      });
      const { user, system } = process.cpuUsage(cpu);
      return { seconds: (performance.now() - startedAt) / 1000, cpuUs: user + system };
    },
    memoryInUse,
  });
}

export type HopFunctions = {
  pass(count: number): Promise<{ seconds: number; cpuUs: number }>;
  memoryInUse: typeof memoryInUse;
};

/** The number of pairs of nodes, which messages pass in turn; by default one. */
void main(Number(process.argv[2] ?? 1));
