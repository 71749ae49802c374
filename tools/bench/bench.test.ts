import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeFolder } from '../../test/support/folder';
import type { Report } from './report';
import type { Soak } from './soak';

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

test('the benchmark measures every contender and plots the figures', () => {
  const folder = makeFolder();
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
    const isLimited = ['messages/s', 'CPU µs a message'].includes(measure);
    assert.deepEqual(Object.keys(by), isLimited ? [...contenders, 'hop', 'limit'] : contenders);
    if (isLimited) assert((by.pack?.toLimit as number) > 0);
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

test('the benchmark measures streams beside the client', () => {
  const folder = makeFolder();
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
  for (const { measure, by } of figures.filter(({ measure }) => measure.includes('message'))) {
    assert.deepEqual(Object.keys(by), ['client alone', 'plain requests', 'pack', 'hop', 'limit'], measure);
  }
  for (const { measure, by } of figures) {
    for (const [name, { median, toClient }] of Object.entries(by)) {
      assert(median > 0 && (toClient as number) > 0, `${measure} of ${name}: ${median}`);
      assert(stdout.includes(name));
    }
  }
});

test('the benchmark measures buckets beside the client', () => {
  const folder = makeFolder();
  const json = join(folder, 'figures.json');
  const { status, stderr } = bench(folder, 'kv', '--rounds', '1', '--seconds', '0.01', '--json', json);
  assert.equal(status, 0, stderr);
  assert.equal(stderr, '');
  assert.deepEqual(leftIn(folder), []);
  const { figures = [] } = JSON.parse(readFileSync(json, 'utf8')) as Report;
  for (const measure of ['get/s', 'put/s']) {
    const found = figures.filter((figure) => figure.measure === measure);
    assert.deepEqual(
      found.map((figure) => figure.case),
      ['file', 'memory'].flatMap((storage) => [1, 64].map((count) => `128 B, ${storage}, ${count} at once`)),
    );
    for (const { by } of found) assert.deepEqual(Object.keys(by).sort(), ['client alone', 'pack', 'plain requests']);
    for (const { by } of found)
      for (const { median, toClient } of Object.values(by)) assert(median * (toClient ?? 0) > 0);
  }
});

test('the benchmark measures work that processes share, of which nothing is lost or done twice', () => {
  const folder = makeFolder();
  const json = join(folder, 'figures.json');
  const thoroughness = ['--members', '2', '--rounds', '1', '--seconds', '0.02'];
  const { status, stderr } = bench(folder, 'scaling', ...thoroughness, '--json', json);
  assert.equal(status, 0, stderr);
  assert.equal(stderr, '');
  assert.deepEqual(leftIn(folder), []);

  const { figures = [] } = JSON.parse(readFileSync(json, 'utf8')) as Report;
  const single = ['queue group', 'durable consumer'].map((sharing) => `one server, ${sharing}`);
  const sharings = ['queue group', 'durable consumer, R1', 'durable consumer, R3'];
  const cluster = sharings.map((sharing) => `cluster of three, ${sharing}`);
  const costs = ['1 ms busy', '5 ms waiting', '5 ms waiting, one member 20 ms'];
  const measures = ['messages/s', 'largest share', 'smallest share'];
  assert.deepEqual(
    figures.map(({ case: about, measure }) => [about, measure]),
    [...single, ...cluster].flatMap((name) =>
      costs.flatMap((cost) => measures.map((measure) => [`${name}, ${cost}`, measure])),
    ),
  );
  for (const { measure, by } of figures) {
    const { '1 process': one, '2 processes': two } = by;
    assert(one && two && two.median >= 0, measure);
    if (measure === 'messages/s') assert(one.toSmallest === 1 && (two.toSmallest as number) > 0);
    else assert.equal(one.median, 1, measure);
  }
});

test('a soak of a stream loses nothing, and shows what it is to show', () => {
  const folder = makeFolder();
  const json = join(folder, 'soak.json');
  const { status, stdout, stderr } = bench(folder, '--soak', '0.05', '--stream', '--rate', '100', '--json', json);
  assert.equal(status, 0, stderr);
  assert.equal(stderr, '');
  assert.deepEqual(leftIn(folder), []);
  const { soak } = JSON.parse(readFileSync(json, 'utf8')) as Report;
  const { stored = 0, delivered = 0, acknowledged, shown = 0, seen = 0, ...others } = (soak as Soak).counts;
  assert(delivered > 0 && seen > 0 && seen <= shown);
  assert.deepEqual([stored, acknowledged], [delivered + shown, delivered + shown]);
  assert.deepEqual(others, { lost: 0, twice: 0, failed: 0 });
  assert(soak?.quarters.every(({ heapMiB, residentMiB, delayUs }) => Math.min(heapMiB, residentMiB, delayUs) > 0));
  for (const text of ['| delivered |', '0 messages were lost']) assert(stdout.includes(text), text);
});

test('the benchmark measures objects beside the client, and those in parts take little memory', () => {
  const folder = makeFolder();
  const json = join(folder, 'figures.json');
  const { status, stderr } = bench(folder, 'object', '--quick', '--rounds', '1', '--json', json);
  assert.equal(status, 0, stderr);
  assert.equal(stderr, '');
  assert.deepEqual(leftIn(folder), []);

  const { figures = [] } = JSON.parse(readFileSync(json, 'utf8')) as Report;
  const rates = ['MiB/s put', 'MiB/s read'];
  const growths = ['MiB more while it is put', 'MiB more while it is read'];
  assert.deepEqual(
    figures.map(({ case: about, measure }) => [about, measure]),
    ['file', 'memory'].flatMap((storage) => [
      ...rates.map((measure) => [`4 MiB, ${storage}`, measure]),
      ...[...rates, ...growths].map((measure) => [`32 MiB in parts, ${storage}`, measure]),
    ]),
  );
  for (const { measure, by } of figures) {
    const { 'client alone': client, 'plain requests': plain, pack } = by;
    assert(client && plain && pack, measure);
    if (rates.includes(measure)) assert(pack.median > 0, measure);
    else assert(pack.median <= 24, `${measure}: ${pack.median}`);
  }
});

test('the benchmark measures and plots what grows', () => {
  const folder = makeFolder();
  const [json, medians] = [join(folder, 'figures.json'), join(folder, 'medians.json')];
  const thoroughness = ['--quick', '--rounds', '1', '--seconds', '0.01'];
  const run = bench(folder, 'growth', ...thoroughness, '--json', json, '--medians', medians);
  assert.equal(run.status, 0, run.stderr);
  assert.equal(run.stderr, '');
  assert.deepEqual(leftIn(folder), []);

  const { figures = [] } = JSON.parse(readFileSync(json, 'utf8')) as Report;
  const message = ['CPU µs a message', 'MiB in use'];
  const value = ['ms until a watch has all values', 'CPU µs a get', 'CPU µs a put', 'MiB in use'];
  const expected: [scenario: string, steps: string[], measures: string[]][] = [
    ['subscriptions', ['1', '10'], message],
    ['nodes', ['1', '10'], message],
    ['messages that wait in a stream', ['1', '100'], message],
    ['keys in a bucket', ['1', '100'], value],
  ];
  assert.deepEqual(
    figures.map(({ scenario, measure, case: step }) => [scenario, measure, step]),
    expected.flatMap(([scenario, steps, measures]) => {
      return measures.flatMap((measure) => steps.map((step) => [`growth, ${scenario}`, measure, step]));
    }),
  );
  for (const { scenario, measure, case: step, by } of figures) {
    const hop = scenario === 'growth, nodes' ? ['hop'] : [];
    assert.deepEqual(Object.keys(by), ['client alone', 'pack', ...hop]);
    for (const { median, toSmallest = 0 } of Object.values(by)) {
      assert(median > 0 && toSmallest > 0, `${scenario}, ${step}: ${median} ${measure}`);
      if (step === '1') assert.equal(toSmallest, 1);
    }
  }

  const drawn = bench(folder, '--plot', '--json', medians);
  assert.equal(drawn.status, 0, drawn.stderr);
  assert.equal(drawn.stdout.trim(), join(folder, 'growth.svg'));
  const svg = readFileSync(join(folder, 'growth.svg'), 'utf8');
  for (const step of ['10, client alone: ', '10, pack: ', '10, hop: ', '100, pack: ']) {
    assert(svg.includes(`<title>${step}`), step);
  }
});

test('the benchmark describes its options and names those that are invalid', () => {
  const folder = makeFolder();
  const { stdout } = bench(folder, '--help');
  for (const word of ['bridge', 'request', 'light', '--quick', '--soak', '--plot']) assert(stdout.includes(word), word);
  const unknown = bench(folder, 'bridge', 'dance');
  assert.equal(unknown.status, 1);
  assert.match(unknown.stderr, /There is no scenario dance/);
  assert.match(bench(folder, '--rounds', 'many').stderr, /--rounds many: expected a number above 0/);
});
