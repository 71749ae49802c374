import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Key } from '../../lib/sense-hat/joystick/joystick';
import { parseColour } from '../../lib/sense-hat/led/colour';
import { findDisplay } from '../../lib/sense-hat/led/display-registry';
import { encodeFrame, fill } from '../../lib/sense-hat/led/frame';
import { DEFAULT_OPTIONS } from '../../lib/sense-hat/led/options';
import { simulator } from '../../lib/sense-hat/simulator/simulator';
import { freePort } from '../../scripts/free-port';
import { startNatsServer } from '../../scripts/nats-server';
import { openStore, type Store } from '../support/context-store';
import { EXAMPLE_FILES, exampleFlow, exampleNames, type FlowNode, nodeOf } from '../support/examples';
import { Inbox } from '../support/inbox';
import { startJetStream } from '../support/jetstream-server';
import { nodeDefaults } from '../support/node-defaults';
import { startPeer } from '../support/peer';
import { type Runtime, startRuntime } from '../support/runtime';

/** The examples that the tests in this file have run. */
const played = new Set<string>();

/** Starts Node-RED with an example, or with some of its nodes. */
function play(t: TestContext, name: string, flow = exampleFlow(name), settings: object = {}): Promise<Runtime> {
  played.add(name);
  return startRuntime(t, flow, undefined, settings);
}

test('the examples are numbered in the order of the import dialog', () => {
  const numbers = EXAMPLE_FILES.map((file) => {
    const [, group, place] = /^(\d) [^/\\]+[/\\](\d) [^/\\]+\.json$/.exec(file) ?? [];
    assert(group && place, file);
    return Number(group) * 10 + Number(place);
  });
  for (const [index, number] of numbers.entries()) {
    const before = numbers[index - 1] ?? 0;
    assert(number === before + 1 || number === (Math.floor(before / 10) + 1) * 10 + 1, EXAMPLE_FILES[index]);
  }
});

test('every example has instructions, and any two can be imported together', () => {
  const owners = new Map<string, string>();
  const configs = new Set<string>();
  for (const name of exampleNames()) {
    const flow = exampleFlow(name);
    const [tab, ...others] = flow.filter(({ type }) => type === 'tab');
    assert(tab && others.length === 0, `${name} is one tab`);
    assert.equal(tab.label, name);
    const { info } = nodeOf(flow, 'comment');
    assert((info as string).includes('Deploy'), name);
    assert.equal(tab.info, info, `${name}: the tab says the same as the comment`);
    for (const { id } of flow) {
      assert(!owners.has(id), `${name} has an id of ${owners.get(id)}`);
      owners.set(id, name);
    }
    const ids = new Set(flow.map(({ id }) => id));
    for (const target of flow.flatMap(({ wires }) => (wires ?? []).flat()))
      assert(ids.has(target), `${name}: a wire to nowhere`);
    for (const { type, server, stream } of flow.filter(({ type }) => /^nats-(?!config|server)/.test(type)))
      assert(ids.has((type === 'nats-consume' ? stream : server) as string), `${name}: ${type} without a server`);
    for (const { id, ...config } of flow.filter(({ type }) => type === 'nats-config'))
      configs.add(JSON.stringify(config));
  }
  assert.equal(configs.size, 1, 'they expect the same server');
});

test('the nodes of the examples have every property that the editor knows', () => {
  for (const name of exampleNames()) {
    for (const node of exampleFlow(name).filter(({ type }) => /^(nats|sense)-/.test(type))) {
      const missing = Object.keys(nodeDefaults(node.type)).filter((property) => !(property in node));
      assert.deepEqual(missing, [], `${node.type} in ${name}`);
    }
  }
});

test('the server of the first example is the one that all others connect to, with all they need', async (t) => {
  const flow = exampleFlow('Server');
  const own = nodeOf(flow, 'nats-server');
  for (const name of exampleNames()) {
    for (const { servers } of exampleFlow(name).filter(({ type }) => type === 'nats-config')) {
      assert.equal(servers, `nats://localhost:${own.port}`, name);
    }
  }
  assert.deepEqual([own.listen, own.jetstream], ['local', true]);

  const port = await freePort();
  const here = flow.map((node) => {
    if (node.type === 'nats-config') return { ...node, servers: `nats://localhost:${port}` };
    return node.type === 'nats-server' ? { ...node, port } : node;
  });
  const runtime = await play(t, 'Server', here);
  assert.equal(await runtime.debugged('log of the server'), '[INF] Starting nats-server');
  await runtime.click({ name: 'hello' });
  assert.equal(await runtime.debugged('heard'), 'hello from my own server');
});

test('the first example with a display needs neither a HAT nor a server', async (t) => {
  const runtime = await play(t, 'Hello', quick(exampleFlow('Hello')));
  assert.deepEqual(await coloursOf(runtime), []);
  await runtime.click({ payload: 'Hello' });
  assert.deepEqual(await nextColours(runtime), [encoded('orange')]);
});

test('the laptop sends words, and the Pi answers each one after showing it', async (t) => {
  const server = await startNatsServer();
  t.after(server.stop);
  const both = quick(exampleFlow('Both on one machine', server.url));
  await t.test('on one machine', async (t) => {
    const runtime = await play(t, 'Both on one machine', both);
    await runtime.click({ payload: 'hello world' });
    assert.deepEqual(await nextColours(runtime), [encoded('rgb(50,100,40)')]);
    for (const _ of 'hello world'.split(' '))
      assert.equal(await runtime.debugged('answers'), 'Message displayed by raspberrypi!');
  });
  await t.test('on two', async (t) => {
    const named = quick(exampleFlow('Pi shows words', server.url)).map((node) =>
      node.type === 'tab' ? { ...node, env: [{ name: 'PI_NAME', value: 'kitchen', type: 'str' }] } : node,
    );
    await play(t, 'Pi shows words', named);
    const { nc } = await startPeer(t, server.url);
    assert.equal(
      (await nc.request('senseshow', 'hello', { timeout: 10_000 })).string(),
      'Message displayed by kitchen!',
    );
  });
});

test('the workers of a queue group share 100 requests', async (t) => {
  const server = await startNatsServer();
  t.after(server.stop);
  const runtime = await play(t, 'Queue workers', exampleFlow('Queue workers', server.url));
  await runtime.click({ name: '100 requests' });
  const counts = JSON.parse(await runtime.debugged('per worker')) as Record<string, number>;
  assert.deepEqual(Object.keys(counts).sort(), ['Roger, from worker 1!', 'Roger, from worker 2!']);
  assert.equal(
    Object.values(counts).reduce((sum, count) => sum + count),
    100,
  );
});

test('the Pi answers a request, and without a Pi the sender gets an error', async (t) => {
  const server = await startNatsServer();
  t.after(server.stop);
  const flow = exampleFlow('Ask the Pi', server.url);
  await t.test('with a Pi', async (t) => {
    const runtime = await play(t, 'Ask the Pi', flow);
    await runtime.click({ name: 'what time is it?' });
    assert.match(await runtime.debugged('answer'), /^\d\d:\d\d:\d\d$/);
  });
  await t.test('without one', async (t) => {
    const runtime = await startRuntime(
      t,
      flow.filter(({ type }) => type !== 'nats-subscribe'),
    );
    await runtime.click({ name: 'what time is it?' });
    assert.match(await runtime.debugged('no answer'), /^NO_RESPONDERS: /);
  });
});

test('pictures go over NATS to the matrix', async (t) => {
  const server = await startNatsServer();
  t.after(server.stop);
  const runtime = await play(t, 'Pixels', exampleFlow('Pixels', server.url));
  const lit = async () =>
    (await runtime.frame()).filter((_, index) => index % 2 === 1).filter((byte) => byte > 0).length;
  assert.equal(await lit(), 0);
  await runtime.click({ name: 'face' });
  assert.equal(await lit(), 52);
  await runtime.click({ name: 'rainbow' });
  assert((await lit()) > 32);
  await runtime.click({ name: 'dark' });
  assert.equal(await lit(), 0);
});

test('an animation repeats until the next message, and commands are shown one after another', async (t) => {
  const runtime = await play(t, 'Animation');
  assert.deepEqual(await coloursOf(runtime), []);
  await runtime.click({ name: 'heart' });
  for (let beat = 0; beat < 3; beat++) {
    assert.deepEqual(await coloursOf(runtime), [encoded('crimson')]);
    assert.deepEqual(await coloursOf(runtime), [encoded('#400010')]);
  }
  await runtime.click({ name: 'signal' });
  let colours = await coloursOf(runtime);
  while (!colours.includes(encoded('red'))) colours = await coloursOf(runtime);
  assert.deepEqual(colours, [encoded('red')]);
  assert.deepEqual(await coloursOf(runtime), [encoded('red'), encoded('gold')]);
  assert.deepEqual(await coloursOf(runtime), [encoded('lime')]);
  await runtime.click({ name: 'words' });
  colours = await coloursOf(runtime);
  while (!colours.includes(encoded('deepskyblue'))) colours = await coloursOf(runtime);
  await runtime.click({ name: 'stop' });
  while (colours.length > 0) colours = await coloursOf(runtime);
});

test('a PNG is scaled to the matrix, over the background', async (t) => {
  const runtime = await play(t, 'Picture from a PNG');
  await runtime.frame();
  for (const [name, background] of [
    ['sun', 'skyblue'],
    ['sun at night', 'midnightblue'],
  ] as const) {
    await runtime.click({ name });
    const pixels = (await runtime.frame()).toString('hex').match(/..../g) as string[];
    assert.equal(pixels[0], encoded(background));
    assert.equal(pixels[27], encoded('#ffdc1e'));
  }
});

test('the clock shows the time after a deploy', async (t) => {
  const runtime = await play(t, 'Clock');
  await runtime.frame();
  const before = new Date();
  const frame = await runtime.frame();
  const number = (row: number) =>
    [1, 2, 3, 4, 5, 6].reduce((sum, x) => 2 * sum + (frame.readUInt16LE(2 * (8 * row + x)) === 0x1082 ? 0 : 1), 0);
  const shown = number(1) * 3600 + number(3) * 60 + number(5);
  const now = before.getHours() * 3600 + before.getMinutes() * 60 + before.getSeconds();
  assert((shown - now + 86_401) % 86_400 <= 3, `${shown} at ${now}`);
});

test('the clock shows the time in digits', async (t) => {
  const runtime = await play(t, 'Clock', quick(exampleFlow('Clock')));
  await runtime.click({ name: 'tell the time' });
  let colours = await coloursOf(runtime);
  while (!colours.includes(encoded('gold'))) colours = await coloursOf(runtime);
  assert.deepEqual(colours, [encoded('gold')]);
});

test('the random levels go over NATS to the matrix', async (t) => {
  const server = await startNatsServer();
  t.after(server.stop);
  const runtime = await play(t, 'Level meter', exampleFlow('Level meter', server.url));
  const colours = ['lime', 'gold', 'red'].map(encoded);
  for (const colour of await nextColours(runtime)) assert(colours.includes(colour), colour);
});

test('a level draws its column and leaves the others unchanged', async (t) => {
  const server = await startNatsServer();
  t.after(server.stop);
  const flow = exampleFlow('Level meter', server.url);
  // Without the random levels.
  const runtime = await startRuntime(
    t,
    flow.filter(({ type }) => type !== 'inject'),
  );
  const { nc } = await startPeer(t, server.url);
  await runtime.frame();
  const lit = async (level: string, percent: string) => {
    nc.publish(level, percent);
    const frame = await runtime.frame();
    return Array.from(
      { length: 8 },
      (_, x) =>
        Array.from({ length: 8 }, (_, y) => frame.readUInt16LE(16 * y + 2 * x)).filter((pixel) => pixel > 0).length,
    );
  };
  assert.deepEqual(await lit('level.3', '100'), [0, 0, 0, 8, 0, 0, 0, 0]);
  assert.deepEqual(await lit('level.0', '50'), [4, 0, 0, 8, 0, 0, 0, 0]);
  assert.deepEqual(await lit('level.3', '0'), [4, 0, 0, 0, 0, 0, 0, 0]);
});

test('words walk through the displays of a wall from right to left, and a ball goes to and fro', async (t) => {
  const runtime = await play(t, 'Wall of three', quick(exampleFlow('Wall of three')));
  const next = watchTiles(t, 3);
  await runtime.click({ name: 'words' });
  assert.deepEqual([await next(), await next(), await next()], [2, 1, 0]);
  await runtime.click({ name: 'dark' });
  await runtime.click({ name: 'ball' });
  const seen = new Set<number>();
  while (seen.size < 3) seen.add(await next());
  await runtime.click({ name: 'dark' });
});

test('the tile of a Pi shows the words for a wall at their time', async (t) => {
  const server = await startNatsServer();
  t.after(server.stop);
  const tile = quick(exampleFlow('Pi is a tile', server.url)).map((node) =>
    node.type === 'tab'
      ? {
          ...node,
          env: [
            ['WALL', '24x8'],
            ['TILE_X', '1'],
            ['TILE_Y', '0'],
          ].map(variable),
        }
      : node,
  );
  played.add('Pi is a tile');
  const sender = exampleFlow('Words for a wall', server.url);
  const runtime = await play(t, 'Words for a wall', [...sender, ...tile]);
  const next = watchTiles(t, 3);
  const clickedAt = Date.now();
  await runtime.click({ name: 'words' });
  assert.equal(await next(), 1);
  assert(Date.now() - clickedAt >= 500, 'it has begun in half a second');
});

test('the flow from node-red-node-pi-sense-hat works as it did there', async (t) => {
  const runtime = await play(t, 'From node-red-node-pi-sense-hat');
  const after = async (name: string) => {
    await runtime.click({ name });
    const pixels = (await runtime.frame()).toString('hex').match(/..../g) as string[];
    return [0, 7, 56, 63].map((corner) => pixels[corner]);
  };
  await runtime.frame();
  const [red, lime, blue, white] = ['red', 'lime', 'blue', 'warmwhite'].map(encoded);
  assert.deepEqual(await after('corners'), [red, lime, blue, white]);
  assert.deepEqual(await after('mirror'), [lime, red, white, blue]);
  assert.deepEqual(await after('turn'), [white, lime, blue, red]);
  assert.deepEqual(await after('column'), [white, lime, blue, red], 'the turn stays');
  assert.deepEqual(await after('upright'), [lime, red, white, blue]);
  assert.deepEqual((await after('dim'))[1], '0090');
  assert.deepEqual(await after('bright'), [lime, red, white, blue]);
  await runtime.click({ name: 'several at once' });
  assert.deepEqual(await coloursOf(runtime), [encoded('navy'), encoded('orange')]);
  await runtime.click({ name: 'text' });
  let colours = await coloursOf(runtime);
  while (!colours.includes(encoded('orange'))) colours = await coloursOf(runtime);
  assert.deepEqual(colours, [encoded('#000040'), encoded('orange')]);
  await after('off');
  assert.deepEqual(await after('off'), ['0000', '0000', '0000', '0000']);
});

test('the laptop flow reports that its words have no subscriber', async (t) => {
  const server = await startNatsServer();
  t.after(server.stop);
  const runtime = await play(t, 'Laptop sends words', exampleFlow('Laptop sends words', server.url));
  await runtime.click({ payload: 'hello world' });
  assert.match(await runtime.debugged('no answers'), /^Nobody/);
});

test('the joystick moves a pixel on another matrix, and stops at its edges', async (t) => {
  const server = await startNatsServer();
  t.after(server.stop);
  const runtime = await play(t, 'Joystick moves a pixel', exampleFlow('Joystick moves a pixel', server.url));
  await runtime.frame();
  const simulated = new Set<Key>();
  const pushes: [Key, number, number][] = [
    ['UP', 3, 2],
    ['UP', 3, 1],
    ['UP', 3, 0],
    ['UP', 3, 0],
    ['LEFT', 2, 0],
    ['DOWN', 2, 1],
    ['RIGHT', 3, 1],
    ['ENTER', 3, 3],
  ];
  for (const [name, x, y] of pushes) {
    // The first of them on the simulator, which the joystick of a machine without a HAT is.
    if (simulated.has(name)) await runtime.click({ name });
    else {
      simulated.add(name);
      simulator.press(name);
      simulator.release(name);
    }
    const pixels = (await runtime.frame()).toString('hex').match(/..../g) as string[];
    const lit = pixels.flatMap((pixel, at) => (pixel === '0000' ? [] : [at]));
    assert.deepEqual(lit, [8 * y + x], name);
    assert.equal(pixels[8 * y + x], encoded('orange'));
  }
});

test('words that were stored while the Pi was off are shown in order, each once', async (t) => {
  const { url } = await startJetStream(t);
  const flow = quick(exampleFlow('Words wait for the Pi', url));
  const words = ['one', 'two', 'three'];
  await t.test('the Pi is off', async (t) => {
    const laptop = await startRuntime(
      t,
      flow.filter(({ type }) => type !== 'nats-consume'),
    );
    for (const [index, name] of words.entries()) {
      await laptop.click({ name });
      const stored = JSON.parse(await laptop.debugged('where it is stored'));
      assert.deepEqual(stored, { stream: 'WORDS', sequence: index + 1, duplicate: false });
    }
  });
  for (const expected of [words, ['three']]) {
    await t.test(`the Pi shows ${expected}`, async (t) => {
      const pi = await play(t, 'Words wait for the Pi', watched(flow, 'sense-led'));
      if (expected !== words) await pi.click({ name: 'three' });
      for (const word of expected) assert.equal(await pi.debugged('watched'), word);
      await acknowledged(t, url, 'WORDS', 'pi');
    });
  }
});

test('workers share the jobs, a failed one comes again, and a hopeless one goes to the dead jobs', async (t) => {
  const { url } = await startJetStream(t);
  const runtime = await play(t, 'Job queue', exampleFlow('Job queue', url));
  await runtime.click({ name: '10 jobs' });
  const done: string[] = [];
  while (done.length < 9) done.push(await runtime.debugged('jobs done'));
  const jobs = done.map((text) => /^job \d+/.exec(text)?.[0]).sort();
  assert.deepEqual(
    jobs,
    ['1', '10', '2', '3', '4', '5', '6', '8', '9'].map((number) => `job ${number}`),
  );
  assert.deepEqual(new Set(done.map((text) => /worker \d/.exec(text)?.[0])), new Set(['worker 1', 'worker 2']));
  const dead = JSON.parse(await runtime.debugged('dead jobs'));
  assert.equal(dead.payload, 'job 7');
  assert.equal(dead.headers['Nats-Gave-Up-Delivered'], '3');
  assert.match(dead.headers['Nats-Gave-Up-Reason'], /./);
});

test('the settings of a bucket are those of every matrix, also of one that is switched on later', async (t) => {
  const { url } = await startJetStream(t);
  const flow = quick(exampleFlow('Settings of all Pis', url));
  await t.test('one that changes them', async (t) => {
    const runtime = await play(t, 'Settings of all Pis', flow);
    assert.deepEqual(await nextColours(runtime), [encoded('lime')]);
    for (const name of ['red', 'blue']) {
      await runtime.click({ name });
      let colours = await coloursOf(runtime);
      while (!colours.includes(encoded(name))) colours = await coloursOf(runtime);
    }
    const { nc } = await startPeer(t, url);
    await runtime.click({ name: 'dim' });
    const settings = async () =>
      (await nc.request('$JS.API.DIRECT.GET.KV_settings.$KV.settings.matrix')).json<{ brightness: number }>();
    while ((await settings()).brightness === 100);
    assert.deepEqual(await settings(), { color: 'blue', brightness: 30 });
  });
  await t.test('one that is switched on later', async (t) => {
    const later = await startRuntime(t, flow);
    const [first = ''] = await nextColours(later);
    assert.match(first, /^[0-9a-f]{2}00$/);
    assert.notEqual(first, encoded('blue'), 'dimmed');
  });
});

test('who is there is in the bucket, and is gone some seconds after it has gone', async (t) => {
  const { url } = await startJetStream(t);
  const runtime = await play(t, 'Who is there', exampleFlow('Who is there', url));
  /** Waits for a list of these names; the lists before may lack what has just been put. */
  const there = async (...names: string[]) => {
    let now: string[];
    do now = JSON.parse(await runtime.debugged('who is there'));
    while (now.sort().join() !== names.join());
  };
  await there('this-pi');
  await runtime.click({ name: 'kitchen' });
  await there('kitchen', 'this-pi');
  await there('this-pi');
});

test('the readings since a time are read from the stream, and then each new one', async (t) => {
  const { url } = await startJetStream(t);
  const flow = exampleFlow('Replay of yesterday', url);
  const first = await play(t, 'Replay of yesterday', flow);
  const reading = await first.debugged('readings');
  assert.match(reading, /^\d{4}-\d\d-\d\dT.*Z: \d\d(\.\d)? °C$/);
});

test('who begins to read gets the last value of each subject, and then each change', async (t) => {
  const { url } = await startJetStream(t);
  const flow = exampleFlow('Last value first', url);
  const nextValue = async (runtime: Runtime) => {
    const { topic, payload } = JSON.parse(await runtime.debugged('rooms'));
    return `${topic} ${payload}`;
  };
  await t.test('while values change', async (t) => {
    const runtime = await play(t, 'Last value first', flow);
    for (const name of ['kitchen: 21', 'hall: 17', 'kitchen: 22']) {
      await runtime.click({ name });
      assert.equal(await nextValue(runtime), `rooms.${name.replace(':', '')}`);
    }
  });
  await t.test('later', async (t) => {
    const runtime = await startRuntime(t, flow);
    assert.deepEqual([await nextValue(runtime), await nextValue(runtime)], ['rooms.hall 17', 'rooms.kitchen 22']);
  });
});

test('Node-REDs with the store that the example describes count together', async (t) => {
  let other: Store | undefined;
  t.after(() => other?.close());
  const { url } = await startJetStream(t);
  const flow = exampleFlow('Shared counter');
  const [, snippet = ''] = /```\n(.*?)```/s.exec(nodeOf(flow, 'comment').info as string) ?? [];
  const described = snippet.replace('nats://localhost:4222', url);
  const settings = new Function('require', `return { ${described} };`)(require) as { contextStorage: object };
  const runtime = await play(t, 'Shared counter', flow, settings);
  await runtime.click({ name: 'count' });
  assert.equal(await runtime.debugged('counter'), '1');
  other = await openStore(t, url, { bucket: 'examples' });
  assert.equal(other.get('global', 'counter'), 1);
  other.set('global', 'counter', 41);
  assert.equal(await runtime.debugged('counter'), '41');
  await runtime.click({ name: 'count' });
  assert.equal(await runtime.debugged('counter'), '42');
});

test('a picture is put into a bucket as an object, and shown when it is read', async (t) => {
  const { url } = await startJetStream(t);
  const flow = exampleFlow('Picture as an object', url);
  await t.test('when it is put', async (t) => {
    const runtime = await play(t, 'Picture as an object', flow);
    await runtime.frame();
    await runtime.click({ name: 'sun' });
    assert.deepEqual(await nextColours(runtime), ['#ff7800', '#000028', '#ffc800'].map(encoded));
    await runtime.click({ name: 'heart' });
    assert.deepEqual(await nextColours(runtime), ['#000028', '#e6001e'].map(encoded));
    await runtime.click({ name: 'list' });
    const { payload } = JSON.parse(await runtime.debugged('objects'));
    assert.deepEqual(
      payload.map(({ name }: { name: string }) => name),
      ['sun', 'heart'],
    );
  });
  await t.test('later', async (t) => {
    const runtime = await startRuntime(t, flow);
    await runtime.click({ name: 'show the sun' });
    assert.deepEqual(await nextColours(runtime), ['#ff7800', '#000028', '#ffc800'].map(encoded));
    await runtime.click({ name: 'delete the heart' });
    assert.equal(JSON.parse(await runtime.debugged('objects')).topic, 'heart');
    await runtime.click({ name: 'delete the heart' });
    assert.match(await runtime.debugged('errors'), /"?heart"?: no such object/);
  });
});

test('two instances of a service are found, share the requests, answer with errors, and are measured', async (t) => {
  const server = await startNatsServer();
  t.after(server.stop);
  const name = 'Service with two instances';
  const runtime = await play(t, name, exampleFlow(name, server.url));
  await runtime.click({ name: 'find' });
  const found = [1, 2].map(async () => JSON.parse(await runtime.debugged('instances')));
  const instances = await Promise.all(found);
  assert.deepEqual(instances.map(({ metadata }) => metadata.instance).sort(), ['1', '2']);
  assert.notEqual(instances[0].id, instances[1].id);
  await runtime.click({ name: '100 requests' });
  assert.equal(await runtime.debugged('answers'), '100');
  await runtime.click({ name: 'a bad request' });
  assert.match(await runtime.debugged('errors'), /warm is not a number/);
  await runtime.click({ name: 'measure' });
  const measured = [await runtime.debugged('measured'), await runtime.debugged('measured')].sort();
  const counts = measured.map((text, index) => {
    const pattern = /^instance (\d): (\d+) requests, (\d) errors, ([\d.]+) ms on average$/;
    const [, instance, requests, errors, ms] = pattern.exec(text) ?? assert.fail(text);
    assert.equal(instance, String(index + 1));
    assert(Number(requests) > 10, text);
    assert(Number(ms) > 0, text);
    return [Number(requests), Number(errors)] as const;
  });
  const sum = (at: 0 | 1) => counts.reduce((total, count) => total + count[at], 0);
  assert.deepEqual([sum(0), sum(1)], [101, 1]);
});

test('the weather scrolls across the matrix in the colour of its temperature', async (t) => {
  const runtime = await play(t, 'Weather on the matrix', quick(exampleFlow('Weather on the matrix')));
  assert.equal(await runtime.debugged('weather'), '22 °C  45 %  1013 hPa');
  assert.deepEqual(await nextColours(runtime), [encoded('lime')]);
});

test('the bubble of the spirit level is green in the middle where the HAT lies level', async (t) => {
  const runtime = await play(t, 'Spirit level');
  const lime = encoded('lime');
  let pixels: string[] = [];
  while (!pixels.includes(lime)) pixels = (await runtime.frame()).toString('hex').match(/..../g) as string[];
  const lit = pixels.flatMap((pixel, index) => (pixel === lime ? [index] : []));
  assert.deepEqual(lit, [27, 28, 35, 36]);
  const { func } = nodeOf(exampleFlow('Spirit level'), 'function') as unknown as { func: string };
  const bubble = (x: number, y: number) =>
    new Function('msg', func)({ payload: { acceleration: { x, y } } }).payload[1];
  assert.deepEqual(bubble(1, -1), { x: '0-1', y: '6-7', color: 'orange' });
  assert.deepEqual(bubble(-0.2, 0.2), { x: '4-5', y: '2-3', color: 'orange' });
});

test('the weather of every Pi is on one screen', async (t) => {
  const server = await startNatsServer();
  t.after(server.stop);
  const runtime = await play(t, 'Weather of every Pi', quick(exampleFlow('Weather of every Pi', server.url)));
  assert.equal(await runtime.debugged('weather'), 'raspberrypi 22 °C');
  assert.deepEqual(await nextColours(runtime), [encoded('#ffd700')]);
  await runtime.click({ name: 'kitchen' });
  assert.equal(await runtime.debugged('weather'), 'kitchen 20 °C, raspberrypi 22 °C');
});

test('the sensor flow from node-red-node-pi-sense-hat works as it did there', async (t) => {
  const runtime = await play(t, 'Sensors from node-red-node-pi-sense-hat');
  const { temperature, humidity, pressure } = JSON.parse(await runtime.debugged('environment'));
  assert.deepEqual([temperature, humidity, pressure], [22, 45, 1013]);
  assert.equal(await runtime.debugged('compass'), '0');
  assert.deepEqual(await nextColours(runtime), [encoded('green')]);
});

test('each example has been run in this file', () => {
  assert.deepEqual(
    exampleNames().filter((name) => !played.has(name)),
    [],
  );
});

/** The same flow, with a Debug node `watched` behind the nodes of a type. */
function watched(flow: FlowNode[], type: string): FlowNode[] {
  const debug = { id: 'watched', type: 'debug', name: 'watched', active: true, tosidebar: true, complete: 'payload' };
  const wired = flow.map((node) =>
    node.type === type ? { ...node, wires: [[...(node.wires?.[0] ?? []), debug.id]] } : node,
  );
  return [...wired, { ...debug, targetType: 'msg', z: nodeOf(flow, 'tab').id, x: 0, y: 0, wires: [] }];
}

/** Resolves when a consumer has nothing left to deliver or to be acknowledged. */
async function acknowledged(t: TestContext, url: string, stream: string, consumer: string): Promise<void> {
  const { nc } = await startPeer(t, url);
  for (let open = 1; open > 0; ) {
    const info = await nc.request(`$JS.API.CONSUMER.INFO.${stream}.${consumer}`);
    const { num_pending, num_ack_pending } = info.json<{ num_pending: number; num_ack_pending: number }>();
    open = num_pending + num_ack_pending;
  }
}

/** The same flow, with text that scrolls ten times as fast. */
function quick(flow: FlowNode[]): FlowNode[] {
  return flow.map((node) => (node.type === 'sense-led' ? { ...node, secondsPerColumn: 0.01 } : node));
}

/** A variable of a tab. */
function variable([name, value]: string[]): object {
  return { name, value, type: 'str' };
}

/** Watches the tiles of a wall in one row; the result resolves with the next tile that lights up. */
function watchTiles(t: TestContext, count: number): () => Promise<number> {
  const lit = new Inbox<number>();
  for (let tileX = 0; tileX < count; tileX++) {
    let isLit = false;
    const onFrame = (frame: Buffer) => {
      const wasLit = isLit;
      isLit = frame.some((byte) => byte !== 0);
      if (isLit && !wasLit) lit.put(tileX);
    };
    const display = findDisplay(`tile ${tileX},0 of ${8 * count}x8`);
    display?.on('frame', onFrame);
    t.after(() => display?.off('frame', onFrame));
  }
  return () => lit.take();
}

/** A colour in the format of the device, in hexadecimal digits. */
function encoded(colour: string): string {
  return encodeFrame(fill(parseColour(colour)), DEFAULT_OPTIONS).toString('hex', 0, 2);
}

/** The colours of the next frame except black, in the order of their first pixels. */
async function coloursOf(runtime: Runtime): Promise<string[]> {
  const pixels = (await runtime.frame()).toString('hex').match(/..../g);
  return [...new Set(pixels)].filter((pixel) => pixel !== '0000');
}

/** The colours of the next frame that is not black. */
async function nextColours(runtime: Runtime): Promise<string[]> {
  for (;;) {
    const colours = await coloursOf(runtime);
    if (colours.length > 0) return colours;
  }
}
