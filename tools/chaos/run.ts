// Runs flows while networks, servers, clocks and deploys get in their way, one scenario after the other:
// npm run chaos -- --help
import { randomInt } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { makeRandom } from '../../scripts/random';
import { print, type Report } from './report';
import { findScenarios } from './scenario';

function help(): string {
  const scenarios = findScenarios([]).map(([name, { title }]) => `  ${name.padEnd(26)} ${title}`);
  return `npm run chaos -- [SCENARIO-PART ...] [OPTION ...]

Runs the scenarios whose names contain a SCENARIO-PART, such as streams; without one, all of them:

${scenarios.join('\n')}

  --minutes N   of all scenarios together; 1 unless given
  --seed S      of an earlier run, for the same random faults
  --json FILE   also writes the figures to this file`;
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      minutes: { type: 'string', default: '1' },
      seed: { type: 'string' },
      json: { type: 'string' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) {
    console.log(help());
    return;
  }
  const minutes = Number(values.minutes);
  if (!(minutes > 0)) throw new Error(`--minutes ${values.minutes}: expected a number above 0`);
  const scenarios = findScenarios(positionals);
  if (scenarios.length === 0) throw new Error(`there is no scenario like ${positionals.join(', ')}`);
  const random = makeRandom(values.seed === undefined ? randomInt(2 ** 31) : Number(values.seed));
  const machine = `${cpus()[0]?.model}, ${cpus().length} cores, Node ${process.version}`;
  console.log(`${minutes} minutes with the seed ${random.seed} on ${machine}`);

  const reports: Record<string, Report> = {};
  const violations: string[] = [];
  for (const [name, { title, run }] of scenarios) {
    console.log(`\n## ${title}\n`);
    const broken: string[] = [];
    try {
      const report = await run((60 * minutes) / scenarios.length, random);
      reports[name] = report;
      broken.push(...report.violations);
      console.log(print(report));
    } catch (error) {
      // The others run all the same.
      broken.push(`it did not come to an end: ${error instanceof Error ? error.stack : error}`);
    }
    for (const violation of broken) console.log(`VIOLATION: ${violation}`);
    violations.push(...broken);
  }
  if (values.json) {
    writeFileSync(values.json, `${JSON.stringify({ machine, minutes, seed: random.seed, reports }, undefined, 2)}\n`);
  }
  console.log(
    violations.length === 0
      ? '\nNo message was lost in silence, none was received twice, and nothing was left open.'
      : `\n${violations.length} promises were broken.`,
  );
  process.exitCode = violations.length === 0 ? 0 : 1;
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(1));
void main();
