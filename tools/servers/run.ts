// Runs the tests of NATS on the servers of other Debian releases: npm run test:servers [-- FILE-PART ...]
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Unavailable } from '../../scripts/apt';
import { requireServers } from './debian';

const DIST = join(__dirname, '..', '..');
const CACHE = join(DIST, '..', 'node_modules', '.cache', 'natshat', 'servers');

/** The tests of NATS and of whole flows that start a server, except for those of fake servers. */
function testsWithServer(): string[] {
  const folder = join(DIST, 'test');
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((file) => file.replaceAll('\\', '/'));
  const tests = files.filter((file) => /^(lib\/nats|nodes\/nats|nodes\/jetstream|flows)\/.*\.test\.js$/.test(file));
  return tests.filter((file) => {
    const code = readFileSync(join(folder, file), 'utf8');
    const hasServer = /\/(nats-server|jetstream-server|object-client|scene|consuming|buckets)"/.test(code);
    return hasServer && !code.includes('/hostile-server"');
  });
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
  const tests = wanted.length > 0 ? wanted : testsWithServer();
  const results = requireServers(CACHE).map((server) => passOn(server, tests));
  process.exitCode = results.every(Boolean) ? 0 : 1;
} catch (error) {
  if (!(error instanceof Unavailable)) throw error;
  console.log(`The tests on other servers are skipped: ${error.message}`);
  console.log('0 passed, 0 failed, 1 skipped');
}
