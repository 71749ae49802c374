import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeFolder } from '../../test/support/packed';
import type { Report } from './report';

const RUN = join(__dirname, 'run.js');

/** Runs the benchmark with its own folder for temporary files. */
function bench(folder: string, ...args: string[]) {
  const env = { ...process.env, TMPDIR: folder, TEMP: folder };
  const { status, stdout, stderr } = spawnSync(process.execPath, [RUN, ...args], { encoding: 'utf8', env });
  return { status, stdout, stderr };
}

/** The files that the benchmark left there; Node.js may have added a cache. */
function leftIn(folder: string): string[] {
  return readdirSync(folder).filter((entry) => entry.startsWith('natshat-'));
}

test('the benchmark measures every contender and plots the figures', (t) => {
  const folder = makeFolder(t);
  const json = join(folder, 'figures.json');
  const thoroughness = ['--sizes', '16', '--rounds', '1', '--seconds', '0.01'];
  const medians = join(folder, 'medians.json');
  const files = ['--json', json, '--medians', medians];
  const { status, stdout, stderr } = bench(folder, 'bridge', ...thoroughness, ...files);
  assert.equal(status, 0, stderr);
  assert.deepEqual(leftIn(folder), []);

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

  const drawn = bench(folder, '--plot', '--json', json);
  assert.equal(drawn.status, 0, drawn.stderr);
  const svg = readFileSync(join(folder, 'figures.svg'), 'utf8');
  for (const name of contenders) assert(svg.includes(`<title>16 B, ${name}: `), name);
  assert.equal(bench(folder, '--plot', '--json', medians).status, 0);
  assert.equal(readFileSync(join(folder, 'medians.svg'), 'utf8'), svg);
});

test('the benchmark measures streams beside the client', (t) => {
  const folder = makeFolder(t);
  const json = join(folder, 'figures.json');
  const { status, stdout, stderr } = bench(folder, 'stream', '--rounds', '1', '--seconds', '0.01', '--json', json);
  assert.equal(status, 0, stderr);
  assert.equal(stderr, '');
  assert.deepEqual(leftIn(folder), []);

  const { figures = [] } = JSON.parse(readFileSync(json, 'utf8')) as Report;
  const casesOf = (wanted: string) => figures.filter(({ measure }) => measure === wanted).map((figure) => figure.case);
  const storages = ['128 B, file', '128 B, memory'];
  const windows = (...counts: number[]) =>
    storages.flatMap((about) => counts.map((count) => `${about}, ${count} at once`));
  assert.deepEqual(casesOf('stored messages/s'), windows(256, 1024));
  assert.deepEqual(casesOf('µs until stored, median'), storages);
  assert.deepEqual(casesOf('acknowledged messages/s'), windows(100, 1000));
  assert.deepEqual(casesOf('messages/s read in order'), windows(100, 1000));
  assert.equal(casesOf('resident MiB').length, 3);
  for (const { measure, by } of figures) {
    for (const [name, { median, toClient }] of Object.entries(by)) {
      assert(median > 0 && (toClient as number) > 0, `${measure} of ${name}: ${median}`);
      assert(stdout.includes(name));
    }
  }
});

test('the benchmark describes its options and names those that are invalid', (t) => {
  const folder = makeFolder(t);
  const { stdout } = bench(folder, '--help');
  for (const word of ['bridge', 'request', 'light', '--quick', '--soak', '--plot']) assert(stdout.includes(word), word);
  const unknown = bench(folder, 'bridge', 'dance');
  assert.equal(unknown.status, 1);
  assert.match(unknown.stderr, /There is no scenario dance/);
  assert.match(bench(folder, '--rounds', 'many').stderr, /--rounds many: expected a number above 0/);
});
