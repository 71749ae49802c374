// Runs a flow that publishes, requests and responds while network and server fail:
// npm run chaos -- --minutes N [--seed S] [--json FILE]
import { randomInt } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { makeRandom } from '../../scripts/random';
import { type Fault, NETWORK_FAULTS, SERVER_FAULTS } from './faults';
import { runPhase } from './phase';
import { print, type Report, report } from './report';

interface Phase {
  title: string;
  faults: Record<string, Fault>;
  serverLives: boolean;
}

const PHASES: Phase[] = [
  { title: 'The network fails, and the server freezes', faults: NETWORK_FAULTS, serverLives: true },
  { title: 'The server is killed', faults: SERVER_FAULTS, serverLives: false },
];

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { minutes: { type: 'string', default: '1' }, seed: { type: 'string' }, json: { type: 'string' } },
  });
  const minutes = Number(values.minutes);
  if (!(minutes > 0)) throw new Error(`--minutes ${values.minutes}: expected a number above 0`);
  const random = makeRandom(values.seed === undefined ? randomInt(2 ** 31) : Number(values.seed));
  const machine = `${cpus()[0]?.model}, ${cpus().length} cores, Node ${process.version}`;
  console.log(`${minutes} minutes with the seed ${random.seed} on ${machine}`);

  const reports: Record<string, Report> = {};
  for (const { title, faults, serverLives } of PHASES) {
    const sums = report(await runPhase(faults, (60 * minutes) / PHASES.length, random), serverLives);
    reports[title] = sums;
    console.log(`\n## ${title}\n\n${print(sums, serverLives)}`);
    for (const violation of sums.violations) console.log(`VIOLATION: ${violation}`);
  }
  if (values.json) {
    writeFileSync(values.json, `${JSON.stringify({ machine, minutes, seed: random.seed, reports }, undefined, 2)}\n`);
  }
  const violations = Object.values(reports).flatMap(({ violations }) => violations);
  console.log(violations.length === 0 ? '\nNo message was lost in silence, none was received twice.' : '');
  process.exitCode = violations.length === 0 ? 0 : 1;
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(1));
void main();
