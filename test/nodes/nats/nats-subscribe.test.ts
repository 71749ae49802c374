import assert from 'node:assert/strict';
import { test } from 'node:test';
import { headers } from 'nats';
import { startNatsServer } from '../../../scripts/nats-server';
import { SERVER } from '../../support/flow';
import { startScene } from '../../support/scene';

const OUT = { id: 'out', type: 'helper' };

test('a message arrives with its subject, and with its headers and reply subject if it has them', async (t) => {
  const { flow, peer } = await startScene(t, [
    { id: 'subscribe', type: 'nats-subscribe', subject: 'smile.*', wires: [['out']] },
    OUT,
  ]);
  peer.nc.publish('smile.wide', 'plain');
  const plain = await flow.next('out');
  assert.equal(plain.topic, 'smile.wide');
  assert.equal(plain.payload, 'plain');
  assert(!('headers' in plain) && !('reply' in plain));

  const hdrs = headers();
  hdrs.append('One', '1');
  hdrs.append('Two', '2');
  hdrs.append('Two', 'two');
  peer.nc.publish('smile.at.me', 'another depth');
  peer.nc.publish('smile.more', 'rich', { headers: hdrs, reply: 'back.here' });
  const rich = await flow.next('out');
  assert.equal(rich.topic, 'smile.more');
  assert.deepEqual(rich.headers, { One: '1', Two: ['2', 'two'] });
  assert.equal(rich.reply, 'back.here');
});

test('the output has the form that the node selects', async (t) => {
  const outputs = ['auto', 'string', 'buffer', 'json'];
  const { flow, peer } = await startScene(t, [
    ...outputs.map((output) => ({
      id: output,
      type: 'nats-subscribe',
      subject: 'data',
      output,
      wires: [[`${output}-out`]],
    })),
    ...outputs.map((output) => ({ id: `${output}-out`, type: 'helper' })),
  ]);
  const bytes = Buffer.from([0xff, 0x00]);
  const cases: [string | Buffer, Record<string, unknown>][] = [
    ['{"a":1}', { auto: { a: 1 }, string: '{"a":1}', buffer: Buffer.from('{"a":1}'), json: { a: 1 } }],
    ['007', { auto: '007', string: '007', buffer: Buffer.from('007') }],
    [bytes, { auto: bytes, string: '\ufffd\0', buffer: bytes }],
  ];
  for (const [data, expected] of cases) {
    peer.nc.publish('data', data);
    for (const output of outputs) {
      if (output in expected) assert.deepEqual((await flow.next(`${output}-out`)).payload, expected[output]);
    }
    if (!('json' in expected)) {
      const caught = await flow.caught();
      assert.equal(caught.error.code, 'BAD_JSON');
      assert.equal(caught.payload, data.toString());
      assert.equal(caught.topic, 'data');
    }
  }
});

test('a subscription stops after its maximum number of messages', async (t) => {
  const { flow, peer } = await startScene(t, [
    { id: 'four', type: 'nats-subscribe', subject: 'happy', max: '4', wires: [['out']] },
    { id: 'all', type: 'nats-subscribe', subject: 'happy', wires: [['all-out']] },
    OUT,
    { id: 'all-out', type: 'helper' },
  ]);
  for (let number = 1; number <= 6; number++) peer.nc.publish('happy', String(number));
  for (let number = 1; number <= 6; number++) assert.equal((await flow.next('all-out')).payload, String(number));
  for (let number = 1; number <= 4; number++) assert.equal((await flow.next('out')).payload, String(number));
  assert.equal(flow.waiting('out'), 0);
});

test('the maximum number of messages can be the largest that a server accepts', async (t) => {
  const { flow, peer } = await startScene(t, [
    { id: 'many', type: 'nats-subscribe', subject: 'happy', max: 999_999_999, wires: [['out']] },
    OUT,
  ]);
  for (const payload of ['1', '2']) peer.nc.publish('happy', payload);
  for (const payload of ['1', '2']) assert.equal((await flow.next('out')).payload, payload);
});

test('a stopped subscription still shows that after an outage', async (t) => {
  const { flow, peer, server } = await startScene(t, [
    { id: 'one', type: 'nats-subscribe', subject: 'happy', max: 1, wires: [['out']] },
    OUT,
  ]);
  peer.nc.publish('happy', '1');
  await flow.next('out');
  await flow.status('one', ({ text }) => text === '@natshat/node-red/nats-config:status.stopped');
  // A shutdown that it announces to its clients.
  server.process.kill('SIGTERM');
  await flow.status('one', ({ fill }) => fill !== 'grey');
  await server.stop();
  const again = await startNatsServer({ port: server.port });
  t.after(() => again.stop());
  await flow.status('one', ({ text }) => text === '@natshat/node-red/nats-config:status.stopped');
});

test('an invalid setting is an error', async (t) => {
  const wrong: [object, string][] = [
    [{ output: 'text' }, 'BAD_CHOICE'],
    [{ mode: 'sometimes' }, 'BAD_CHOICE'],
    [{ max: 'many' }, 'BAD_NUMBER'],
    [{ max: 2.5 }, 'BAD_NUMBER-whole'],
    [{ max: 1_000_000_000 }, 'BAD_NUMBER'],
    [{ batch: 1.5 }, 'BAD_NUMBER-whole'],
    // Node-RED does not replace a variable that is not set.
    [{ subject: '${NATSHAT_UNSET}' }, 'BAD_ENV'],
  ];
  const { flow } = await startScene(
    t,
    wrong.map(([properties], index) => ({ id: `wrong${index}`, type: 'nats-subscribe', subject: 'a', ...properties })),
  );
  for (const [index, [, code]] of wrong.entries()) {
    const { text } = await flow.status(`wrong${index}`, ({ fill }) => fill === 'red');
    assert.equal(text, `@natshat/node-red/nats-config:errors.${code}`);
  }
});

test('in the dynamic mode messages control the subscriptions', async (t) => {
  const { flow, peer } = await startScene(t, [
    { id: 'dynamic', type: 'nats-subscribe', mode: 'dynamic', wires: [['out']] },
    OUT,
  ]);
  const act = async (msg: Record<string, unknown>) => {
    flow.send('dynamic', msg);
    await flow.completed();
    await flow.connected();
  };
  const subscriptions = async () => {
    await act({ action: 'getSubscriptions' });
    const msg = await flow.next('out');
    assert.equal(msg.topic, 'subscriptions');
    return msg.payload;
  };

  await act({ action: 'subscribe', topic: ['happy', 'lucky.*'] });
  await act({ action: 'subscribe', topic: 'happy' });
  assert.deepEqual(await subscriptions(), [{ subject: 'happy' }, { subject: 'lucky.*' }]);
  peer.nc.publish('happy', 'once');
  peer.nc.publish('lucky.me', 'too');
  assert.equal((await flow.next('out')).payload, 'once');
  assert.equal((await flow.next('out')).payload, 'too');

  await act({ action: 'unsubscribe', topic: 'happy' });
  assert.deepEqual(await subscriptions(), [{ subject: 'lucky.*' }]);
  await act({ action: 'unsubscribe', topic: true });
  assert.deepEqual(await subscriptions(), []);

  for (const [msg, code] of [
    [{ action: 'dance' }, 'BAD_ACTION'],
    [{ topic: 'no.action' }, 'BAD_ACTION'],
    [{ action: 'subscribe', topic: ['good', 'a b'] }, 'BAD_SUBJECT'],
    [{ action: 'subscribe' }, 'BAD_SUBJECT'],
  ] as const) {
    flow.send('dynamic', msg);
    assert.equal((await flow.caught()).error.code, code);
  }
  assert.deepEqual(await subscriptions(), [], 'a list with a bad subject subscribes to none of it');
});

test('the time to subscribe, to unsubscribe and to deploy is linear in the number of subjects', async (t) => {
  const nodes = [{ id: 'dynamic', type: 'nats-subscribe', mode: 'dynamic' }];
  const { flow, server } = await startScene(t, nodes);
  const config = { id: SERVER, type: 'nats-config', servers: server.url };
  const timed = async (work: () => Promise<unknown>) => {
    const startedAt = performance.now();
    await work();
    return performance.now() - startedAt;
  };
  const act = async (action: string, topics: (string | string[])[]) => {
    for (const topic of topics) flow.send('dynamic', { action, topic });
    for (let ended = 0; ended < topics.length; ended++) await flow.completed();
    await flow.connected();
  };
  const measure = async (count: number) => {
    const subjects = Array.from({ length: count }, (_, index) => `many.${index}`);
    const subscribe = await timed(() => act('subscribe', [subjects]));
    const unsubscribe = await timed(() => act('unsubscribe', [subjects]));
    await act('subscribe', [subjects]);
    const oneByOne = await timed(() => act('unsubscribe', subjects.slice(0, count / 10)));
    const deploy = await timed(() => flow.deploy([config]));
    await flow.deploy([config, ...nodes]);
    await flow.connected();
    return { subscribe, unsubscribe, oneByOne, deploy };
  };
  await measure(1000);
  const few = await measure(4000);
  const many = await measure(40_000);
  for (const [what, ms] of Object.entries(few)) {
    const tookMs = many[what as keyof typeof many];
    t.diagnostic(`${what}: 4,000 ${ms.toFixed(0)} ms, 40,000 ${tookMs.toFixed(0)} ms`);
    // Quadratic time would be 100 times as long; a few milliseconds are too short to compare.
    assert(tookMs < 50 * Math.max(ms, 20), `${what}: ${ms} ms, ${tookMs} ms`);
  }
});

test('an invalid subject turns the node red', async (t) => {
  const { flow } = await startScene(t, [{ id: 'bad', type: 'nats-subscribe', subject: 'a.>.b' }]);
  await flow.status('bad', ({ fill }) => fill === 'red');
});

test('a denied subscription turns the node red, and other nodes go on', async (t) => {
  const config =
    'authorization { users: [{ user: u, password: p, permissions: { subscribe: { deny: "secret" } } }], }\nno_auth_user: u';
  const { flow, peer } = await startScene(
    t,
    [
      { id: 'denied', type: 'nats-subscribe', subject: 'secret' },
      { id: 'open', type: 'nats-subscribe', subject: 'open', wires: [['out']] },
      OUT,
    ],
    { config },
  );
  peer.nc.publish('open', 'here');
  assert.equal((await flow.next('out')).payload, 'here');
  await flow.status('denied', ({ fill }) => fill === 'red');
  await flow.status('open', ({ fill }) => fill === 'green');
});

test('a subject that the server permits later is subscribed to then', async (t) => {
  const deny = (subject: string) =>
    `authorization { users: [{ user: u, password: p, permissions: { subscribe: { deny: "${subject}" } } }] }\nno_auth_user: u`;
  const { flow, peer, server } = await startScene(
    t,
    [{ id: 'denied', type: 'nats-subscribe', subject: 'news', wires: [['out']] }, OUT],
    { config: deny('news') },
  );
  await flow.status('denied', ({ fill }) => fill === 'red');
  server.reload(deny('old.news'));
  await flow.status('denied', ({ fill }) => fill === 'green');
  peer.nc.publish('news', 'at last');
  assert.equal((await flow.next('out')).payload, 'at last');
});

test('a flow that is too slow is reported, and other nodes go on', async (t) => {
  const { flow, peer } = await startScene(t, [
    { id: 'flood', type: 'nats-subscribe', subject: 'flood', output: 'string', wires: [['slow']] },
    { id: 'slow', type: 'helper' },
    { id: 'other', type: 'nats-subscribe', subject: 'other', wires: [['out']] },
    OUT,
  ]);
  let isSlow = true;
  flow.listen('slow', () => {
    const startedAt = performance.now();
    while (isSlow && performance.now() - startedAt < 0.3);
  });
  for (let number = 0; number < 2 * 131_072; number++) peer.nc.publish('flood', 'water');
  await peer.nc.flush();
  await flow.status('flood', ({ text }) => text === '@natshat/node-red/nats-config:status.slow');
  peer.nc.publish('other', 'in between');
  assert.equal((await flow.next('out')).payload, 'in between');
  isSlow = false;
  await flow.status('flood', ({ fill }) => fill === 'green');
  assert(flow.waiting('slow') >= 131_072);
  assert(flow.waiting('slow') < 2 * 131_072);
});
