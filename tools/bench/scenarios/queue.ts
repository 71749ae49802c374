import { CLIENT, type Contender, FLOOR, PACK, startContender, stopContenders } from '../contenders';
import { countFor } from '../count';
import { type Figure, figures } from '../figures';
import { interleave } from '../rounds';
import type { Setting } from '../setting';
import { sizeName } from '../sizes';
import { loadFor } from './throughput';

const MEMBERS = [1, 2, 4];
const SIZE = 128;

/** Messages a second through several bridges, each in its own process, in one queue group. */
export async function queue(setting: Setting): Promise<Figure[]> {
  const all: Figure[] = [];
  for (const members of MEMBERS) {
    const groups = [];
    for (const [index, name] of ([CLIENT, FLOOR, PACK] as const).entries()) {
      const group: Contender[] = [];
      while (group.length < members) {
        group.push(await startContender(setting, name, { id: `q${members}${index}`, isMember: true }));
      }
      const load = loadFor('bridge', group[0] as Contender, SIZE);
      const run = async (count: number) => (await setting.load.run({ ...load, count })).seconds;
      groups.push({ name, group, run, count: await countFor(load.window, setting.seconds, run) });
    }
    const rates = await interleave(groups, setting.rounds, async ({ run, count }) => {
      return { 'messages/s': count / (await run(count)) };
    });
    all.push(...figures('queue', `${sizeName(SIZE)}, a group of ${members}`, rates));
    for (const { group } of groups) await stopContenders(group);
  }
  return all;
}
