import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { SCENARIOS } from './scenarios';
import type { Thoroughness } from './setting';
import { SIZES } from './sizes';

const FULL: Thoroughness = { sizes: SIZES, rounds: 9, seconds: 0.2, delayCount: 500 };
const QUICK: Thoroughness = { sizes: [128], rounds: 3, seconds: 0.1, delayCount: 200 };

const JSON_FILE = join(__dirname, '..', '..', '..', 'docs', 'benchmarks.json');

const HELP = `npm run bench -- [SCENARIO ...] [OPTION ...]

Compares the pack with the NATS client without Node-RED, with minimal nodes (tools/bench/floor) and, where mosquitto is
installed, with the core MQTT nodes. Without a SCENARIO all of them run, which takes about ten minutes:

${Object.entries(SCENARIOS)
  .map(([name, { about }]) => `  ${name.padEnd(12)} ${about}`)
  .join('\n')}

  --quick           less thorough: about two minutes for all scenarios
  --sizes 16,128    payload sizes in bytes
  --rounds N        measurements of each contender
  --seconds S       duration of each measurement
  --soak MINUTES    sends a steady load through a bridge instead
  --rate N          messages a second of a soak; by default half of the maximum
  --json FILE       writes the figures to FILE
  --medians FILE    writes only the figures that --plot needs to FILE
  --plot            plots the figures in --json FILE, or docs/benchmarks.json, as SVG beside it instead
  --help            prints this text
`;

/** The files that figures are written to. */
export interface Files {
  json: string | undefined;
  medians: string | undefined;
}

/** The task that the command line asks for. */
type Task =
  | { name: 'help'; text: string }
  | { name: 'plot'; json: string }
  | { name: 'soak'; minutes: number; rate: number | undefined; files: Files }
  | { name: 'measure'; scenarios: string[]; thoroughness: Thoroughness; files: Files };

/** Parses a command line. Throws if it is invalid. */
export function readOptions(args: string[]): Task {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      quick: { type: 'boolean', default: false },
      sizes: { type: 'string' },
      rounds: { type: 'string' },
      seconds: { type: 'string' },
      soak: { type: 'string' },
      rate: { type: 'string' },
      json: { type: 'string' },
      medians: { type: 'string' },
      plot: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const { json, medians } = values;
  const files = { json, medians };
  if (values.help) return { name: 'help', text: HELP };
  if (values.plot) return { name: 'plot', json: json ?? JSON_FILE };
  if (values.soak !== undefined) {
    const rate = values.rate === undefined ? undefined : numberIn('rate', values.rate);
    return { name: 'soak', minutes: numberIn('soak', values.soak), rate, files };
  }
  const unknown = positionals.find((name) => !(name in SCENARIOS));
  if (unknown !== undefined) throw new Error(`There is no scenario ${unknown}.\n\n${HELP}`);
  const { sizes, rounds, seconds, delayCount } = values.quick ? QUICK : FULL;
  const thoroughness = {
    sizes: values.sizes?.split(',').map((size) => numberIn('sizes', size)) ?? sizes,
    rounds: values.rounds === undefined ? rounds : numberIn('rounds', values.rounds),
    seconds: values.seconds === undefined ? seconds : numberIn('seconds', values.seconds),
    delayCount,
  };
  const scenarios = Object.keys(SCENARIOS).filter((name) => positionals.length === 0 || positionals.includes(name));
  return { name: 'measure', scenarios, thoroughness, files };
}

function numberIn(option: string, value: string): number {
  const number = Number(value);
  if (!(number > 0)) throw new Error(`--${option} ${value}: expected a number above 0`);
  return number;
}
