import { cpus } from 'node:os';
import { type Figure, figures, median } from '../figures';
import { startWorker } from '../processes';
import { interleave } from '../rounds';
import type { ScalingHostFunctions } from '../scaling/host';
import type { Cost, Sharing } from '../scaling/member';
import { startServers } from '../scaling/servers';
import { type Host, RATE, Team } from '../scaling/team';
import type { Setting } from '../setting';

/** How many messages a member does in a second, if each keeps a processor busy, and if each only has to wait. */
const BUSY_PER_SECOND = 1000;
const WAITING_PER_SECOND = 200;

/** How many times as long a slow member waits, and how many there are with it. */
const SLOWNESS = 4;
const WITH_A_SLOW_ONE = 4;

const SITES: { name: string; servers: number; sharings: Record<string, Sharing> }[] = [
  {
    name: 'one server',
    servers: 1,
    sharings: { 'queue group': {}, 'durable consumer': { stream: { name: 'WORK', replicas: 1 } } },
  },
  {
    name: 'cluster of three',
    servers: 3,
    sharings: {
      'queue group': {},
      'durable consumer, R1': { stream: { name: 'WORK1', replicas: 1 } },
      'durable consumer, R3': { stream: { name: 'WORK3', replicas: 3 } },
    },
  },
];

/** What a team costs, for each member, and how many messages a second are enough to keep it at work. */
interface Kind {
  name: string;
  teams: Cost[][];
  perSecondOf(team: Cost[]): number;
}

/** `steps` of each member take a millisecond. */
function kindsOf(sizes: number[], steps: number[]): Kind[] {
  const most = Math.max(...sizes);
  const team = (size: number, cost: Cost) => Array<Cost>(size).fill(cost);
  const busy = steps.map((steps) => ({ steps }));
  const waiting = { perSecond: WAITING_PER_SECOND };
  const slow = { perSecond: WAITING_PER_SECOND / SLOWNESS };
  return [
    {
      name: '1 ms busy',
      teams: sizes.map((size) => busy.slice(0, size)),
      perSecondOf: ({ length }) => BUSY_PER_SECOND * Math.min(length, cpus().length),
    },
    {
      name: '5 ms waiting',
      teams: sizes.map((size) => team(size, waiting)),
      perSecondOf: ({ length }) => WAITING_PER_SECOND * length,
    },
    {
      name: '5 ms waiting, one member 20 ms',
      teams: [team(1, waiting), [slow, ...team(Math.min(WITH_A_SLOW_ONE, most) - 1, waiting)]],
      perSecondOf: ({ length }) => WAITING_PER_SECOND * length,
    },
  ];
}

/** Messages a second that several Node-REDs do together, each message once. */
export async function scaling(setting: Setting): Promise<Figure[]> {
  const hosts: Host[] = await Promise.all(
    Array.from({ length: Math.max(...setting.members) }, () => startWorker<ScalingHostFunctions>('scaling/host')),
  );
  const steps: number[] = [];
  // One after the other, so that none has to share a processor.
  for (const { call } of hosts) steps.push(await call.stepsOfMs());
  const kinds = kindsOf(setting.members, steps);
  const found: Figure[] = [];
  for (const { name: site, servers: count, sharings } of SITES) {
    const servers = await startServers(count);
    for (const [name, sharing] of Object.entries(sharings)) {
      const team = new Team(hosts, servers, sharing);
      for (const { name: cost, teams, perSecondOf } of kinds) {
        const contenders = teams.map((costs) => ({ name: nameOf(costs.length), costs }));
        const measured = await interleave(contenders, setting.rounds, async ({ costs }) => {
          await team.join(costs);
          return team.work(Math.ceil(setting.seconds * perSecondOf(costs)));
        });
        found.push(...figures('scaling', `${site}, ${name}, ${cost}`, measured).map(besideOne));
      }
      await team.end();
    }
    await servers.stop();
  }
  for (const { stop } of hosts) await stop();
  return found;
}

function nameOf(size: number): string {
  return size === 1 ? '1 process' : `${size} processes`;
}

/** Adds ratios to a single process to messages a second. */
function besideOne(figure: Figure): Figure {
  if (figure.measure !== RATE) return figure;
  const ones = figure.by[nameOf(1)]?.rounds ?? [];
  const by = Object.entries(figure.by).map(([name, value]) => {
    const toSmallest = median(value.rounds.map((rate, round) => rate / (ones[round] as number)));
    return [name, { ...value, toSmallest }];
  });
  return { ...figure, by: Object.fromEntries(by) };
}
