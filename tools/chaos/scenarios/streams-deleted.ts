import type { NatsConnection } from 'nats';
import { poll } from '../../../scripts/monitoring';
import { aWhile } from '../a-while';
import { REMEMBERED_MIB, type Relaying, relaying, SOURCE_STREAM } from '../flows/relaying';
import { type Fault, scenario } from '../scenario';
import type { SingleServer } from '../sites/single-server';
import { startStreamServer } from '../sites/stream-server';
import { askStreams, makeConsumer } from '../stream-api';

type StreamFault = Fault<SingleServer, Relaying>;

const DURABLE = 'durable';

/** Nobody but the one who deletes it can know where it was: he makes it again there. */
const deleteDurable: StreamFault = async ({ site, exercise, random }) => {
  const peer = site.peer();
  const { ack_floor } = await askStreams<{ ack_floor: { stream_seq: number } }>(
    peer,
    `CONSUMER.INFO.${SOURCE_STREAM}.${DURABLE}`,
  );
  const told = exercise.failures(DURABLE, 'NO_CONSUMER');
  await askStreams(peer, `CONSUMER.DELETE.${SOURCE_STREAM}.${DURABLE}`);
  await poll(
    async () => exercise.failures(DURABLE, 'NO_CONSUMER'),
    (count) => count > told,
  );
  await aWhile(random);
  await makeConsumer(peer, SOURCE_STREAM, DURABLE, { firstSequence: ack_floor.stream_seq + 1 });
};

const deleteOwn: StreamFault = async ({ site }) => {
  const peer = site.peer();
  for (const name of await consumersOf(peer)) {
    if (name !== DURABLE) await askStreams(peer, `CONSUMER.DELETE.${SOURCE_STREAM}.${name}`);
  }
};

async function consumersOf(peer: NatsConnection): Promise<string[]> {
  const { consumers } = await askStreams<{ consumers: string[] | null }>(peer, `CONSUMER.NAMES.${SOURCE_STREAM}`);
  return consumers ?? [];
}

/** What the stream holds goes with it; while it is read and deleted, nothing is stored. */
const deleteStream: StreamFault = async ({ site, exercise, nodeRed, random }) => {
  const peer = site.peer();
  nodeRed.send(exercise.make(500));
  exercise.pause(true);
  const countOpen = async () => Math.max(...Object.values(exercise.ledgers).map((ledger) => ledger.openCount));
  await poll(countOpen, (count) => count === 0);
  await exercise.read(peer);
  await askStreams(peer, `STREAM.DELETE.${SOURCE_STREAM}`);
  exercise.onDeleted();
  if (random.chance(0.5)) await aWhile(random);
  exercise.pause(false);
  // The flow makes it again, and its consumers.
  await poll(
    () => consumersOf(peer).catch(() => []),
    ({ length }) => length === 2,
  );
};

export default scenario({
  title: 'Consumers and their stream are deleted',
  serversLive: true,
  startSite: startStreamServer,
  startExercise: () => relaying({ [DURABLE]: {}, own: { consume: { durable: '' } } }),
  mayGrowMiB: REMEMBERED_MIB,
  faults: {
    'durable consumer deleted, and made again by hand': deleteDurable,
    'consumer of a node of its own deleted': deleteOwn,
    'stream deleted': deleteStream,
  },
  check: ({ exercise }) =>
    exercise.failures(DURABLE, 'NO_CONSUMER') > 0 ? [] : ['no node has told that its consumer is deleted'],
});
