import { setTimeout as delay } from 'node:timers/promises';
import type { NatsConnection } from 'nats';
import { makeStreams, type Relaying, relaying, SOURCE_STREAM } from '../flows/relaying';
import { type Fault, scenario } from '../scenario';
import type { SingleServer } from '../sites/single-server';
import type { Hear } from '../sites/site';
import { startStreamServer } from '../sites/stream-server';
import { askStreams } from '../stream-api';

const RELAY = 'durable';
const MANY = 100_000;
/** In bytes: all of them together are 100 MiB. */
const SIZE = 1024;

const LOOK_MS = 500;

/** What still waits then, on a slow machine, is deleted. */
const PATIENCE_MS = 10_000;

const IN_USE = 'memory in use while messages wait';
/** Ids of stored messages that are remembered take less, and messages that Node-RED would hold more. */
const MAY_GROW_MIB = 96;

async function startSite(hear: Hear): Promise<SingleServer> {
  const site = await startStreamServer(hear);
  await makeStreams(site.peer(), [RELAY]);
  return site;
}

/** Stores messages while Node-RED stands still, so that all of them wait, and watches until none does. */
const backlog =
  (count: number, isWatched: boolean): Fault<SingleServer, Relaying> =>
  async ({ exercise, nodeRed, note, site }) => {
    const peer = site.peer();
    nodeRed.process.kill('SIGSTOP');
    try {
      await exercise.flood(peer, count, SIZE);
    } finally {
      nodeRed.process.kill('SIGCONT');
    }
    const beganAtMs = performance.now();
    const passedMs = () => performance.now() - beganAtMs;
    let waiting = count;
    while (waiting > 0 && passedMs() < PATIENCE_MS) {
      if (isWatched) note(IN_USE, await nodeRed.memoryMiB(), 'MiB');
      await delay(LOOK_MS);
      waiting = await askWaiting(peer);
    }
    if (isWatched) note('rate of the flow', (1000 * (count - waiting)) / passedMs(), 'messages/s');
    if (waiting === 0) return;
    await exercise.read(peer);
    await askStreams(peer, `STREAM.PURGE.${SOURCE_STREAM}`);
    exercise.onDeleted();
  };

async function askWaiting(peer: NatsConnection): Promise<number> {
  const info = await askStreams<{ num_pending: number }>(peer, `CONSUMER.INFO.${SOURCE_STREAM}.${RELAY}`);
  return info.num_pending;
}

export default scenario({
  title: `${MANY.toLocaleString('en')} messages wait`,
  serversLive: true,
  startSite,
  startExercise: () => relaying({ [RELAY]: { consume: { atOnce: 1000 }, batch: 250 } }, 0),
  warmUp: backlog(10_000, false),
  mayGrowMiB: 64,
  faults: { [`${MANY.toLocaleString('en')} messages stored`]: backlog(MANY, true) },
  check: ({ measured }) => {
    const [first = 0, ...others] = measured[IN_USE]?.values ?? [];
    const growth = Math.max(...others) - first;
    return growth > MAY_GROW_MIB ? [`the memory has grown by ${growth.toFixed(0)} MiB`] : [];
  },
});
