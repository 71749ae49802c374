// Runs the benchmarks: npm run bench -- --help
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { dirname, join } from 'node:path';
import { startBrokers, stopBrokers } from './brokers';
import { type Arena, type Contender, startContenders, stopContenders } from './contenders';
import { countFor } from './count';
import type { Figure } from './figures';
import type { LoadFunctions } from './load';
import { type Files, readOptions } from './options';
import { mediansJson, plot } from './plot';
import { plotGrowth } from './plot-growth';
import { startWorker } from './processes';
import { type Report, tables } from './report';
import { SCENARIOS, type Scenario } from './scenarios';
import { loadFor } from './scenarios/throughput';
import type { Thoroughness } from './setting';
import { soak, soakTable, streamSoak } from './soak';

const WARM_UP_ROUNDS = 5;

async function main(): Promise<void> {
  const task = readOptions(process.argv.slice(2));
  switch (task.name) {
    case 'help':
      return console.log(task.text);
    case 'plot': {
      const measured = JSON.parse(readFileSync(task.json, 'utf8')) as Report;
      const plots: [file: string, svg: string | undefined][] = [
        [task.json.replace(/(\.json)?$/, '.svg'), plot(measured)],
        [join(dirname(task.json), 'growth.svg'), plotGrowth(measured)],
      ];
      for (const [file, svg] of plots) {
        if (!svg) continue;
        writeFileSync(file, svg);
        console.log(file);
      }
      return;
    }
    case 'soak':
      return report(task.files, async (arena) => {
        const { minutes, rate } = task;
        const result = await (task.isOfStream ? streamSoak(minutes, rate) : soak(arena, minutes, rate));
        console.log(`\n${soakTable(result)}`);
        return { soak: result };
      });
    case 'measure':
      return report(task.files, async (arena) => ({
        figures: await measure(arena, task.scenarios, task.thoroughness),
      }));
  }
}

/** Runs a task with brokers and a load, and writes its report. */
async function report(
  { json, medians }: Files,
  work: (arena: Arena) => Promise<Pick<Report, 'figures' | 'soak'>>,
): Promise<void> {
  const [before = 0] = loadavg();
  const brokers = await startBrokers();
  try {
    const load = await startWorker<LoadFunctions>('load');
    const machine = `${cpus()[0]?.model}, ${cpus().length} cores`;
    const versions = {
      'Node.js': process.version.slice(1),
      'Node-RED': require(join(process.env.NODE_RED ?? 'node-red', 'package.json')).version as string,
      ...Object.fromEntries(Object.values(brokers).map(({ name, version }) => [name, version])),
    };
    const named = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
    console.log(`${machine}; ${named.join(', ')}`);
    const results = await work({ brokers, load: load.call });
    await load.stop();
    const command = `npm run bench -- ${process.argv.slice(2).join(' ')}`;
    const [after = 0] = loadavg();
    const whole: Report = {
      machine,
      versions,
      command,
      at: new Date().toISOString(),
      load: [before, after],
      ...results,
    };
    if (json) writeFileSync(json, `${JSON.stringify(whole, undefined, 1)}\n`);
    if (medians) writeFileSync(medians, mediansJson(whole));
  } finally {
    await stopBrokers(brokers);
  }
}

async function measure(arena: Arena, names: string[], thoroughness: Thoroughness): Promise<Figure[]> {
  const scenarios = names.map((name) => SCENARIOS[name] as Scenario);
  const isShared = scenarios.some(({ isShared }) => isShared);
  const contenders = isShared ? await startContenders(arena) : [];
  for (const contender of contenders) await warmUp(arena, contender, WARM_UP_ROUNDS * thoroughness.seconds);
  const figures: Figure[] = [];
  for (const { run } of scenarios) {
    const found = await run({ ...arena, ...thoroughness, contenders });
    console.log(`\n${tables(found)}`);
    figures.push(...found);
  }
  await stopContenders(contenders);
  return figures;
}

/** Without this the first measurement would be at a disadvantage. */
async function warmUp({ load }: Arena, contender: Contender, seconds: number): Promise<void> {
  const bridge = loadFor('bridge', contender, 128);
  await countFor(bridge.window, seconds, async (count) => (await load.run({ ...bridge, count })).seconds);
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(1));
main().catch((error) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
