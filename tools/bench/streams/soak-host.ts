// A process with a Node-RED that stores messages in a stream, consumes and acknowledges them, and shows some of them.
import { setTimeout as delay } from 'node:timers/promises';
import type { NodeMessage } from 'node-red';
import { makeDevice } from '../device';
import { payloadOf } from '../load';
import { memoryInUse } from '../memory';
import { startBench } from '../node-red';
import { serve } from '../processes';
import { atSteadyRate } from '../steady-rate';
import { Tally } from '../tally';

/** What a part of a soak has counted. */
export interface Counted {
  /** Publishes that completed, because the stream had stored the message. */
  stored: number;
  /** Messages that entered the flow again. */
  delivered: number;
  acknowledged: number;
  /** Pictures that `sense-led` passed on, and those of them that were on the display then. */
  shown: number;
  seen: number;
  /** Messages that did not come in time. */
  lost: number;
  /** Messages that entered the flow more than once. */
  twice: number;
  /** Messages that a node ended with an error. */
  failed: number;
}

/** The stream, with two consumers. */
export const SOAK_STREAM = 'SOAK';
const WORK = 'soak.work';
const PICTURES = 'soak.pictures';

/** With the numbers, a message of 128 bytes. */
const TEXT = payloadOf(72).toString();

/** A message that has not come after this time is lost. */
const LONGEST_WAIT_MS = 30_000;

const PLACE = { z: 'tab', x: 0, y: 0 };
const SOURCE = 'source';
const DELIVERED = 'delivered';
const SHOWN = 'shown';
const PUBLISH = 'publish';
const ACK = 'ack';

function flowOf(port: number, device: string): object[] {
  const server = 'server';
  const consume = { ...PLACE, type: 'nats-consume', stream: 'stream' };
  const end = { ...PLACE, type: 'bench-end', wires: [] };
  return [
    { id: 'tab', type: 'tab', label: 'soak' },
    { id: server, type: 'nats-config', servers: `nats://127.0.0.1:${port}` },
    { id: 'stream', type: 'nats-stream', server, stream: SOAK_STREAM, subjects: 'soak.>', retention: 'workqueue' },
    { ...end, id: SOURCE, wires: [[PUBLISH]] },
    { ...PLACE, id: PUBLISH, type: 'nats-publish', server, confirm: 'stored', wires: [] },
    { ...consume, id: 'work', subjects: WORK, durable: 'work', wires: [[DELIVERED, ACK]] },
    { ...end, id: DELIVERED },
    { ...consume, id: 'pictures', subjects: `${PICTURES}.*`, durable: 'pictures', wires: [['led']] },
    { ...PLACE, id: 'led', type: 'sense-led', device, preview: false, wires: [[SHOWN, ACK]] },
    { ...end, id: SHOWN },
    { ...PLACE, id: ACK, type: 'nats-ack', server, wires: [] },
  ];
}

/** The colours of the display in turn, as the display has them: RGB565. */
function colorOf(number: number): number {
  return number & 0xffff;
}

/** The same as a flow writes it. */
function rgbOf(color: number): number {
  return ((color >> 11) << 19) | (((color >> 5) & 0x3f) << 10) | ((color & 0x1f) << 3);
}

/** An event of the runtime's hook `onComplete`. */
interface Completed {
  node: { id: string };
  error?: Error;
}

async function main(port: number): Promise<void> {
  const device = makeDevice();
  const [work, pictures] = [new Tally(), new Tally()];
  let [stored, acknowledged, seen, failed] = [0, 0, 0, 0];
  let delays: number[] = [];
  const onMessage = (id: string, { payload, topic }: NodeMessage) => {
    if (id === DELIVERED) {
      const { number, at } = payload as { number: number; at: number };
      work.receive(number);
      delays.push(1000 * (performance.now() - at));
    } else if (id === SHOWN) {
      const number = Number(topic?.split('.').at(-1));
      pictures.receive(number);
      // On a busy machine the display may already have the next one.
      if (new Uint16Array(device.read().buffer).every((color) => color === colorOf(number))) seen++;
    }
  };
  const onComplete = ({ node: { id }, error }: Completed) => {
    if (error) {
      failed++;
      console.error(error.message);
    } else if (id === PUBLISH) stored++;
    else if (id === ACK) acknowledged++;
  };
  const { nodes } = await startBench(flowOf(port, device.path), onMessage, {
    hooks: { 'onComplete.bench': onComplete },
  });
  const source = nodes.getNode(SOURCE);
  const sendWork = () => {
    source.send({ topic: WORK, payload: { number: work.send(), at: performance.now(), text: TEXT } });
  };
  const sendPicture = () => {
    const number = pictures.send();
    source.send({ topic: `${PICTURES}.${number}`, payload: Array<number>(64).fill(rgbOf(colorOf(number))) });
  };
  const count = (): Counted => ({
    stored,
    delivered: work.received,
    acknowledged,
    shown: pictures.received,
    seen,
    lost: work.missing + pictures.missing,
    twice: work.twice + pictures.twice,
    failed,
  });
  serve({
    /** Sends messages and pictures at steady rates, and waits until the last one is acknowledged. */
    pace: async (perSecond: number, picturesPerSecond: number, seconds: number) => {
      const before = count();
      delays = [];
      await Promise.all([
        atSteadyRate(perSecond, seconds, (due) => {
          for (let n = 0; n < due; n++) sendWork();
        }),
        atSteadyRate(picturesPerSecond, seconds, (due) => {
          for (let n = 0; n < due; n++) sendPicture();
        }),
      ]);
      const endedAt = performance.now();
      while (acknowledged < work.sent + pictures.sent && performance.now() - endedAt < LONGEST_WAIT_MS) await delay(20);
      const counts = Object.entries(count()).map(([name, all]) => [name, all - before[name as keyof Counted]]);
      return { counts: Object.fromEntries(counts) as unknown as Counted, delays: Float64Array.from(delays) };
    },
    memoryInUse,
  } satisfies SoakHostFunctions);
}

export type SoakHostFunctions = {
  pace(
    perSecond: number,
    picturesPerSecond: number,
    seconds: number,
  ): Promise<{ counts: Counted; delays: Float64Array }>;
  memoryInUse: typeof memoryInUse;
};

if (require.main === module) void main(Number(process.argv[2]));
