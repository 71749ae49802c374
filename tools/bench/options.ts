import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { SCENARIOS } from './scenarios';
import type { Thoroughness } from './setting';
import { SIZES } from './sizes';

const FULL: Thoroughness = {
  sizes: SIZES,
  rounds: 9,
  seconds: 0.2,
  delayCount: 500,
  members: [1, 2, 4, 8],
  isQuick: false,
};
const QUICK: Thoroughness = {
  sizes: [128],
  rounds: 3,
  seconds: 0.1,
  delayCount: 200,
  members: [1, 2, 4],
  isQuick: true,
};

const JSON_FILE = join(__dirname, '..', '..', '..', 'docs', 'benchmarks.json');

const HELP = `npm run bench -- [SCENARIO ...] [OPTION ...]

Compares the pack with the NATS client without Node-RED, with minimal nodes (tools/bench/floor) and, where mosquitto is
installed, with the core MQTT nodes. Streams, buckets and objects are compared with the client's libraries and with
plain requests. Without a SCENARIO all of them run:

${Object.entries(SCENARIOS)
  .map(([name, { about }]) => `  ${name.padEnd(12)} ${about}`)
  .join('\n')}

  --quick           less thorough, with smaller objects and few steps of growth
  --sizes 16,128    payload sizes in bytes
  --members 2,4     processes that share work in the scenario scaling, beside a single one
  --rounds N        measurements of each contender
  --seconds S       duration of each measurement
  --soak MINUTES    sends a steady load through a bridge instead
  --stream          the soak stores messages, consumes and acknowledges them, and shows some
  --rate N          messages a second of a soak; by default half of the maximum, or 400 that are stored
  --json FILE       writes the figures to FILE
  --medians FILE    writes only the figures that --plot needs to FILE
  --plot            plots the figures in --json FILE, or docs/benchmarks.json, as SVG beside it instead, and growth as
                    growth.svg in the same folder
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
  | { name: 'soak'; minutes: number; isOfStream: boolean; rate: number | undefined; files: Files }
  | { name: 'measure'; scenarios: string[]; thoroughness: Thoroughness; files: Files };

/** Parses a command line. Throws if it is invalid. */
export function readOptions(args: string[]): Task {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      quick: { type: 'boolean', default: false },
      sizes: { type: 'string' },
      members: { type: 'string' },
      rounds: { type: 'string' },
      seconds: { type: 'string' },
      soak: { type: 'string' },
      stream: { type: 'boolean', default: false },
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
    return { name: 'soak', minutes: numberIn('soak', values.soak), isOfStream: values.stream, rate, files };
  }
  const unknown = positionals.find((name) => !(name in SCENARIOS));
  if (unknown !== undefined) throw new Error(`There is no scenario ${unknown}.\n\n${HELP}`);
  const { sizes, rounds, seconds, delayCount, members, isQuick } = values.quick ? QUICK : FULL;
  const thoroughness = {
    sizes: numbersIn('sizes', values.sizes) ?? sizes,
    members: [...new Set([1, ...(numbersIn('members', values.members) ?? members)])],
    rounds: values.rounds === undefined ? rounds : numberIn('rounds', values.rounds),
    seconds: values.seconds === undefined ? seconds : numberIn('seconds', values.seconds),
    delayCount,
    isQuick,
  };
  const scenarios = Object.keys(SCENARIOS).filter((name) => positionals.length === 0 || positionals.includes(name));
  return { name: 'measure', scenarios, thoroughness, files };
}

function numbersIn(option: string, values: string | undefined): number[] | undefined {
  return values?.split(',').map((value) => numberIn(option, value));
}

function numberIn(option: string, value: string): number {
  const number = Number(value);
  if (!(number > 0)) throw new Error(`--${option} ${value}: expected a number above 0`);
  return number;
}
