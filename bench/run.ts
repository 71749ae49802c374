// Runs the benchmarks; see HELP.
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { startBrokers, stopBrokers } from './brokers';
import { startContenders, stopContenders } from './contenders';
import type { LoadFunctions } from './load';
import { plot } from './plot';
import { startWorker } from './processes';
import { type Report, tables } from './report';
import { SCENARIOS, type Scenario } from './scenarios';
import type { Thoroughness } from './setting';
import { SIZES } from './sizes';

const FULL: Thoroughness = { sizes: SIZES, rounds: 9, seconds: 0.25, delayCount: 1000 };
const QUICK: Thoroughness = { sizes: [16, 128], rounds: 5, seconds: 0.1, delayCount: 300 };

const JSON_FILE = join(__dirname, '..', '..', 'docs', 'benchmarks.json');

const HELP = `npm run bench -- [SCENARIO ...] [OPTION ...]

Measures the pack beside the NATS client without Node-RED, beside the least nodes that one can write (bench/floor) and,
where mosquitto is installed, beside the core MQTT nodes. Without a SCENARIO all of them run, which takes about ten
minutes:

${Object.entries(SCENARIOS)
  .map(([name, { about }]) => `  ${name.padEnd(12)} ${about}`)
  .join('\n')}

  --quick           less thorough: about a minute for all
  --sizes 16,128    payloads, in bytes
  --rounds N        how often each contender is measured
  --seconds S       how long each time
  --json FILE       writes the figures
  --plot            draws the figures of --json FILE, or of docs/benchmarks.json, beside it as SVG, and measures nothing
  --help            this text
`;

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      quick: { type: 'boolean', default: false },
      sizes: { type: 'string' },
      rounds: { type: 'string' },
      seconds: { type: 'string' },
      json: { type: 'string' },
      plot: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return console.log(HELP);
  if (values.plot) return drawPlot(values.json ?? JSON_FILE);
  const { sizes, rounds, seconds, delayCount } = values.quick ? QUICK : FULL;
  const report = await measure(scenariosOf(positionals), {
    sizes: values.sizes?.split(',').map(Number) ?? sizes,
    rounds: Number(values.rounds ?? rounds),
    seconds: Number(values.seconds ?? seconds),
    delayCount,
  });
  if (values.json) writeFileSync(values.json, `${JSON.stringify(report, undefined, 1)}\n`);
}

function scenariosOf(names: string[]): [string, Scenario][] {
  const unknown = names.find((name) => !(name in SCENARIOS));
  if (unknown) throw new Error(`There is no scenario ${unknown}.\n\n${HELP}`);
  return Object.entries(SCENARIOS).filter(([name]) => names.length === 0 || names.includes(name));
}

async function measure(scenarios: [string, Scenario][], thoroughness: Thoroughness): Promise<Report> {
  const [before = 0] = loadavg();
  const brokers = await startBrokers();
  const load = await startWorker<LoadFunctions>('load');
  const isShared = scenarios.some(([, { isShared }]) => isShared);
  const contenders = isShared ? await startContenders({ brokers, load: load.call }) : [];
  const machine = `${cpus()[0]?.model}, ${cpus().length} cores`;
  const versions = {
    'Node.js': process.version,
    'Node-RED': require(join(process.env.NODE_RED ?? 'node-red', 'package.json')).version,
    ...Object.fromEntries(Object.entries(brokers).map(([dialect, { version }]) => [dialect, version])),
  };
  console.log(`${machine}; ${Object.values(versions).join(', ')}`);
  const figures = [];
  for (const [, { run }] of scenarios) {
    const found = await run({ ...thoroughness, brokers, load: load.call, contenders });
    console.log(`\n${tables(found)}`);
    figures.push(...found);
  }
  await stopContenders(contenders);
  await load.stop();
  await stopBrokers(brokers);
  const command = `npm run bench -- ${process.argv.slice(2).join(' ')}`.trim();
  return { machine, command, at: new Date().toISOString(), versions, load: [before, loadavg()[0] ?? 0], figures };
}

function drawPlot(file: string): void {
  const svg = join(dirname(file), 'benchmarks.svg');
  writeFileSync(svg, plot(JSON.parse(readFileSync(file, 'utf8'))));
  console.log(svg);
}

void main();
