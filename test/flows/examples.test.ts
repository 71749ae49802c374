import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { parseColour } from '../../lib/sense-hat/led/colour';
import { encodeFrame, fill } from '../../lib/sense-hat/led/frame';
import { DEFAULT_OPTIONS } from '../../lib/sense-hat/led/options';
import { startNatsServer } from '../../scripts/nats-server';
import { EXAMPLE_FILES, exampleFlow, exampleNames, type FlowNode, nodeOf } from '../support/examples';
import { startJetStream } from '../support/jetstream-server';
import { nodeDefaults } from '../support/node-defaults';
import { startPeer } from '../support/peer';
import { type Runtime, startRuntime } from '../support/runtime';

/** The examples that the tests in this file have run. */
const played = new Set<string>();

/** Starts Node-RED with an example, or with some of its nodes. */
function play(t: TestContext, name: string, flow = exampleFlow(name)): Promise<Runtime> {
  played.add(name);
  return startRuntime(t, flow);
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
    for (const { type, server, stream } of flow.filter(({ type }) => /^nats-(?!config)/.test(type)))
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

test('the first example needs neither a HAT nor a server', async (t) => {
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
      assert.equal(await runtime.debugged('answers'), 'Message diplayed by raspberrypi!');
  });
  await t.test('on two', async (t) => {
    const named = quick(exampleFlow('Pi shows words', server.url)).map((node) =>
      node.type === 'tab' ? { ...node, env: [{ name: 'PI_NAME', value: 'kitchen', type: 'str' }] } : node,
    );
    await play(t, 'Pi shows words', named);
    const { nc } = await startPeer(t, server.url);
    assert.equal(
      (await nc.request('senseshow', 'hello', { timeout: 10_000 })).string(),
      'Message diplayed by kitchen!',
    );
  });
});

test('the workers of a queue group share 100 requests', async (t) => {
  const server = await startNatsServer();
  t.after(server.stop);
  const runtime = await play(t, 'Queue workers', exampleFlow('Queue workers', server.url));
  await runtime.click({ name: '100 requests' });
  const counts = JSON.parse(await runtime.debugged('answers of each worker')) as Record<string, number>;
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
  const pushes: [string, number, number][] = [
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
    await runtime.click({ name });
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
