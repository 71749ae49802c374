import { setTimeout as delay } from 'node:timers/promises';
import type { Random } from '../../scripts/random';
import type { Exercise } from './flows/exercise';
import { type NodeRedUnderTest, startUnderTest } from './node-red/under-test';
import { type Measured, type Report, report } from './report';
import type { Plan, Stage } from './scenario';
import type { Site } from './sites/site';
import { settled, snapshot } from './snapshot';

const TICK_MS = 5;
const WARM_UP_MS = 3000;

/** Runs the flow for some seconds while one fault follows another, and reports what became of the messages. */
export async function runTrial<S extends Site, E extends Exercise>(
  plan: Plan<S, E>,
  seconds: number,
  random: Random,
): Promise<Report> {
  const exercise = plan.startExercise();
  const site = await plan.startSite(exercise.hear);
  try {
    const members: NodeRedUnderTest[] = [];
    try {
      const context = exercise.context?.(site.servers);
      const listener = {
        ...exercise,
        died: () => {
          for (const ledger of Object.values(exercise.ledgers)) ledger.abandon();
        },
      };
      const nodeRed = await startUnderTest(exercise.nodes(site.servers), listener, context);
      members.push(nodeRed);
      while (members.length < (plan.members ?? 1)) {
        members.push(await startUnderTest(exercise.nodes(site.servers), exercise, context));
      }
      const measured: Record<string, Measured> = {};
      const note = (name: string, value: number, unit = 'ms') => {
        measured[name] = { unit, values: [...(measured[name]?.values ?? []), value] };
      };
      const stage: Stage<S, E> = { site, exercise, nodeRed, members, random, note, measured };
      await settled(stage);
      await work(stage, plan.warmUp?.(stage) ?? delay(WARM_UP_MS));
      const before = await snapshot(stage);
      const faults = Object.fromEntries(Object.keys(plan.faults).map((name) => [name, 0]));
      await work(stage, injectFaults(plan, stage, faults, seconds));
      const after = await snapshot(stage, before);
      const others = plan.check?.(stage, faults) ?? [];
      return report(exercise.ledgers, { faults, measured, before, after }, plan, others);
    } finally {
      for (const member of members) await member.stop();
    }
  } finally {
    await site.stop();
  }
}

/** Sends messages until a promise resolves. */
async function work({ exercise, nodeRed, random }: Stage<Site, Exercise>, end: Promise<unknown>): Promise<void> {
  const timer = setInterval(() => {
    if (!nodeRed.isRunning) return;
    const inputs = exercise.tick(random);
    if (inputs.length > 0) nodeRed.send(inputs);
  }, TICK_MS);
  try {
    await end;
  } finally {
    clearInterval(timer);
  }
}

async function injectFaults<S extends Site, E extends Exercise>(
  { faults }: Plan<S, E>,
  stage: Stage<S, E>,
  counts: Record<string, number>,
  seconds: number,
): Promise<void> {
  const { random } = stage;
  const end = performance.now() + 1000 * seconds;
  let left: string[] = [];
  while (performance.now() < end || Object.values(counts).includes(0)) {
    // Each occurs once before one occurs again, and a short run lasts until each has occurred.
    if (left.length === 0) left = Object.keys(faults);
    const [name = ''] = left.splice(random.below(left.length), 1);
    await faults[name]?.(stage);
    counts[name] = (counts[name] ?? 0) + 1;
    // Sometimes the next fault occurs before the client has reconnected.
    await delay(random.below(1200));
  }
}
