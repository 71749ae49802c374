// Whole Node-REDs that share a context, as settings.js sets it up.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { startNatsServer } from '../../scripts/nats-server';
import type { FlowNode } from '../support/examples';
import { startJetStream } from '../support/jetstream-server';
import { type NodeRedProcess, startProcess } from '../support/node-red-process';

/** A store in settings.js. */
function storage(config: object): string {
  return `{ nats: { module: require('@natshat/node-red/context'), config: ${JSON.stringify(config)} } }`;
}

/** Reads or changes a context in a Function node: `/context?scope=global&key=a.b[&value=JSON]`. */
const FUNC = `
  const { scope, key, value } = msg.req.query;
  const contexts = { global, flow, node: context };
  if (value !== undefined) contexts[scope].set(key, value === 'delete' ? undefined : JSON.parse(value));
  msg.payload = { value: contexts[scope].get(key), keys: contexts[scope].keys() };
  return msg;
`;

/** A flow that answers HTTP requests from its context; what a Function node throws is answered by a Catch node. */
function contextFlow(id: string, path = 'context'): FlowNode[] {
  const node = (name: string, type: string, properties: object): FlowNode => {
    return { id: `${id}-${name}`, type, z: id, x: 0, y: 0, wires: [], ...properties };
  };
  return [
    { id, type: 'tab', label: id },
    node('in', 'http in', { url: `/${path}`, method: 'get', wires: [[`${id}-function`]] }),
    node('function', 'function', { func: FUNC, outputs: 1, wires: [[`${id}-out`]] }),
    node('catch', 'catch', { scope: null, wires: [[`${id}-error`]] }),
    node('error', 'function', {
      func: 'return { ...msg, statusCode: 500, payload: { error: msg.error.message } };',
      outputs: 1,
      wires: [[`${id}-out`]],
    }),
    node('out', 'http response', {}),
  ];
}

interface Answer {
  value?: unknown;
  keys?: string[];
  error?: string;
}

async function ask({ url }: NodeRedProcess, query: Record<string, string>, path = 'context'): Promise<Answer> {
  const response = await fetch(`${url}${path}?${new URLSearchParams(query)}`);
  return (await response.json()) as Answer;
}

/** Asks until a value is as it should be. */
async function arrived(nodeRed: NodeRedProcess, scope: string, key: string, value: unknown): Promise<void> {
  while (JSON.stringify((await ask(nodeRed, { scope, key })).value) !== JSON.stringify(value));
}

async function startTwo(t: TestContext, servers: string, flows = [contextFlow('flow1'), contextFlow('flow1')]) {
  const contextStorage = storage({ bucket: 'plant', servers, reconnectWaitMs: 50 });
  const both = await Promise.all(flows.map((flow) => startProcess(t, flow, contextStorage)));
  await Promise.all(both.map((nodeRed) => nodeRed.started()));
  return both as [NodeRedProcess, NodeRedProcess];
}

test('two Node-REDs share the contexts of global, of a flow and of a node', async (t) => {
  const { url } = await startJetStream(t);
  const [here, there] = await startTwo(t, url);
  for (const scope of ['global', 'flow', 'node']) {
    const changed = await ask(here, { scope, key: 'a.list[0]', value: JSON.stringify(scope) });
    assert.equal(changed.value, scope, 'in the same turn');
    await arrived(there, scope, 'a', { list: [scope] });
    await ask(there, { scope, key: 'a.list', value: 'delete' });
    await arrived(here, scope, 'a', {});
  }
  const { keys } = await ask(there, { scope: 'flow', key: 'a' });
  assert.deepEqual(keys, ['a']);
  const sidebar = await (await fetch(`${there.url}context/global`)).json();
  assert.deepEqual(sidebar, { nats: { a: { msg: '{}', format: 'Object' } } });
});

test('what was set while the server was away is shared when it is back, also after a restart of Node-RED', async (t) => {
  const server = await startJetStream(t);
  const [here, there] = await startTwo(t, server.url);
  await server.kill();
  assert.equal((await ask(here, { scope: 'global', key: 'count', value: '5' })).value, 5);
  await server.restart();
  await arrived(there, 'global', 'count', 5);
  await ask(there, { scope: 'global', key: 'count', value: '6' });
  await there.stop();
  await arrived(here, 'global', 'count', 6);
  const [again] = await startTwo(t, server.url);
  assert.equal((await ask(again, { scope: 'global', key: 'count' })).value, 6, 'there before the flows start');
});

test('the server may come after Node-RED: until then a read is an error that Catch nodes get', async (t) => {
  const absent = await startNatsServer();
  await absent.stop();
  const contextStorage = storage({ bucket: 'plant', servers: absent.url, reconnectWaitMs: 50, timeoutMs: 100 });
  const nodeRed = await startProcess(t, contextFlow('flow1'), contextStorage);
  await nodeRed.started();
  const { error } = await ask(nodeRed, { scope: 'global', key: 'count' });
  assert.match(error ?? '', new RegExp(`^UNREACHABLE: 127.0.0.1:${absent.port} cannot be reached`));
});

test('a deploy in one Node-RED deletes no context of another one', async (t) => {
  const { url } = await startJetStream(t);
  const [here, there] = await startTwo(t, url, [contextFlow('flow1'), contextFlow('flow2')]);
  for (const nodeRed of [here, there]) await ask(nodeRed, { scope: 'flow', key: 'kept', value: '1' });
  const headers = { 'content-type': 'application/json', 'node-red-deployment-type': 'full' };
  const deployed = await fetch(`${there.url}flows`, {
    method: 'POST',
    headers,
    body: JSON.stringify(contextFlow('flow3')),
  });
  assert.equal(deployed.status, 204);
  await there.started();
  await ask(there, { scope: 'flow', key: 'kept', value: '3' });
  await ask(there, { scope: 'global', key: 'end', value: 'true' });
  await arrived(here, 'global', 'end', true);
  assert.equal((await ask(here, { scope: 'flow', key: 'kept' })).value, 1);
});

test('a bad setting keeps Node-RED from starting, and is named', async (t) => {
  const nodeRed = await startProcess(t, [], storage({ bucket: 'a.b' }));
  await nodeRed.line(/BAD_BUCKET: "a\.b" is not a valid name of a bucket/);
  await nodeRed.exited;
});

test('a misspelt setting is in the log', async (t) => {
  const { url } = await startJetStream(t);
  const nodeRed = await startProcess(t, [], storage({ bucket: 'plant', servers: url, buckets: 1 }));
  await nodeRed.line(/\[warn\] \[context:plant\] the context store has no setting "buckets"/);
});
