// Runs the tests of NATS on the servers of other Debian releases: npm run test:servers [-- FILE-PART ...]
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Unavailable } from '../../scripts/apt';
import { requireServers } from './debian';

const DIST = join(__dirname, '..', '..');
const CACHE = join(DIST, '..', 'node_modules', '.cache', 'natshat', 'servers');

/** The tests of whole flows, as far as they start a server. */
function flowTests(): string[] {
  const folder = join(DIST, 'test', 'flows');
  const names = readdirSync(folder).filter((name) => name.endsWith('.test.js'));
  return names
    .filter((name) => readFileSync(join(folder, name), 'utf8').includes('/nats-server'))
    .map((name) => `flows/${name}`);
}

/** Whether all tests passed on a server. */
function passOn(server: string, tests: string[]): boolean {
  const { status } = spawnSync(process.execPath, [join(DIST, 'scripts', 'test.js'), ...tests], {
    stdio: 'inherit',
    env: { ...process.env, NATS_SERVER: server },
  });
  return status === 0;
}

try {
  const wanted = process.argv.slice(2);
  const tests = wanted.length > 0 ? wanted : ['lib/nats/', 'nodes/nats/', 'nodes/jetstream/', ...flowTests()];
  const results = requireServers(CACHE).map((server) => passOn(server, tests));
  process.exitCode = results.every(Boolean) ? 0 : 1;
} catch (error) {
  if (!(error instanceof Unavailable)) throw error;
  console.log(`The tests on other servers are skipped: ${error.message}`);
  console.log('0 passed, 0 failed, 1 skipped');
}
