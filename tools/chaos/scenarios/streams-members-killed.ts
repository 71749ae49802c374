import { setTimeout as delay } from 'node:timers/promises';
import { aWhile } from '../a-while';
import { makeStreams, REMEMBERED_MIB, type Relaying, relaying } from '../flows/relaying';
import { type Fault, scenario } from '../scenario';
import type { SingleServer } from '../sites/single-server';
import type { Hear } from '../sites/site';
import { startStreamServer } from '../sites/stream-server';

const RELAY = 'durable';
const ACK_WAIT_MS = 1000;

/** A message that crashes Node-RED takes longer to be given up only if it is not. */
const GIVE_UP_TIMEOUT_MS = 90_000;

async function startSite(hear: Hear): Promise<SingleServer> {
  const site = await startStreamServer(hear);
  await makeStreams(site.peer(), [RELAY], ACK_WAIT_MS);
  return site;
}

/** Whoever gets the message crashes, and is started again, until the message is given up. */
const poison: Fault<SingleServer, Relaying> = async ({ exercise, members, nodeRed, site, note }) => {
  const input = exercise.makePoison();
  const sentAtMs = performance.now();
  nodeRed.send([input]);
  while (!exercise.hasGivenUp(RELAY, input.msg.number)) {
    if (performance.now() - sentAtMs > GIVE_UP_TIMEOUT_MS) throw new Error('the message has not been given up');
    for (const member of members) if (!member.isRunning) await member.restart();
    await delay(100);
    await exercise.read(site.peer());
  }
  for (const member of members) if (!member.isRunning) await member.restart();
  note('until a message was given up that crashes Node-RED', performance.now() - sentAtMs);
};

export default scenario({
  title: 'Members of a durable consumer are killed, freeze and crash',
  serversLive: true,
  startSite,
  startExercise: () => relaying({ [RELAY]: { consume: { giveUpAfter: 2 } } }),
  members: 2,
  mayGrowMiB: REMEMBERED_MIB,
  faults: {
    'member killed by SIGKILL, and started again': async ({ members, random }) => {
      const member = random.of(members);
      await member.kill();
      await aWhile(random);
      await member.restart();
    },
    'member stopped by SIGSTOP for longer than the ack wait': async ({ members, random }) => {
      const { process } = random.of(members);
      process.kill('SIGSTOP');
      await delay(1.5 * ACK_WAIT_MS);
      process.kill('SIGCONT');
    },
    'message that crashes Node-RED': poison,
  },
});
