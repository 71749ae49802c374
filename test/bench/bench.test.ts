import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Report } from '../../bench/report';

const RUN = join(__dirname, '..', '..', 'bench', 'run.js');

function bench(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [RUN, ...args], { encoding: 'utf8' });
  return { status, stdout, stderr };
}

test('the benchmark has figures of every contender, which can be drawn', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'natshat-bench-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const json = join(folder, 'figures.json');
  const thoroughness = ['--sizes', '16', '--rounds', '1', '--seconds', '0.01'];
  const { status, stdout, stderr } = bench('bridge', ...thoroughness, '--json', json);
  assert.equal(status, 0, stderr);

  const { machine, versions, command, figures = [] } = JSON.parse(readFileSync(json, 'utf8')) as Report;
  assert.match(machine, /\d+ cores$/);
  assert.match(command, /^npm run bench -- bridge --sizes 16 /);
  for (const name of ['Node.js', 'Node-RED', 'nats-server']) assert.match(versions[name] as string, /^\d+\.\d+\.\d+/);
  const contenders = ['client alone', 'floor', 'pack', 'pack, confirm', 'pack, batches of 100'];
  if ('mosquitto' in versions) contenders.push('core MQTT');
  const measures = ['messages/s', 'CPU µs a message', 'bytes allocated a message', 'resident MiB'];
  assert.deepEqual(
    figures.map(({ scenario, case: size, measure }) => [scenario, size, measure]),
    measures.map((measure) => ['bridge', '16 B', measure]),
  );
  for (const { measure, by } of figures) {
    assert.deepEqual(Object.keys(by), contenders);
    for (const [name, { median, rounds, toFloor }] of Object.entries(by)) {
      assert(rounds.length === 1 && median > 0 && (toFloor as number) > 0, `${measure} of ${name}: ${median}`);
      assert(stdout.includes(name));
    }
  }

  const drawn = bench('--plot', '--json', json);
  assert.equal(drawn.status, 0, drawn.stderr);
  const svg = readFileSync(join(folder, 'figures.svg'), 'utf8');
  for (const name of contenders) assert(svg.includes(`<title>16 B, ${name}: `), name);
});

test('the benchmark says what it can do, and what it cannot', () => {
  const { stdout } = bench('--help');
  for (const word of ['bridge', 'request', 'light', '--quick', '--soak', '--plot']) assert(stdout.includes(word), word);
  const unknown = bench('bridge', 'dance');
  assert.equal(unknown.status, 1);
  assert.match(unknown.stderr, /There is no scenario dance/);
  assert.match(bench('--rounds', 'many').stderr, /--rounds many: expected a number above 0/);
});
