import assert from 'node:assert/strict';
import Module from 'node:module';
import { test } from 'node:test';
import { startFlow } from '../support/flow';

/** The nodes that show a status, with the file that the first one of its type loads. */
const FILES: Record<string, string> = {
  'nats-publish': './publisher',
  'nats-subscribe': './shared/subscribing',
  'nats-queue-subscribe': './queue-subscribing',
  'nats-request': './requester',
  'nats-respond': './responder',
  'nats-server': './hosting',
  'nats-consume': './consuming',
  'nats-ack': './acknowledging',
  'nats-kv': './kv-handling',
  'nats-kv-watch': './watching',
  'nats-object': './object-handling',
  'sense-led': './showing',
  'sense-joystick': './key-sending',
  'sense-sensors': './measuring',
};

interface Loader {
  _resolveFilename(request: string, ...rest: unknown[]): string;
}

test('nodes of a pack that was removed meanwhile say what to do, and work once it is there again', async (t) => {
  const loader = Module as unknown as Loader;
  const { _resolveFilename: resolve } = loader;
  const removal = t.mock.method(
    loader,
    '_resolveFilename',
    function (this: unknown, request: string, ...rest: unknown[]) {
      if (!Object.values(FILES).includes(request)) return resolve.call(this, request, ...rest);
      throw Object.assign(new Error(`Cannot find module '${request}'\nRequire stack: ...`), {
        code: 'MODULE_NOT_FOUND',
      });
    },
  );
  const nodes = Object.keys(FILES).map((type) => ({ id: type, type }));
  const flow = await startFlow(t, nodes);
  for (const { id } of nodes) {
    const { fill, text } = await flow.status(id, () => true);
    const family = id.startsWith('nats') ? 'nats-config' : 'sense-led';
    assert.deepEqual([fill, text], ['red', `@natshat/node-red/${family}:errors.NOT_LOADED`], id);
  }
  flow.send('nats-publish', {});
  assert.equal((await flow.caught()).error.code, 'NOT_LOADED');

  removal.mock.restore();
  await flow.deploy(nodes);
  for (const { id } of nodes) await flow.status(id, ({ text }) => !text?.endsWith('NOT_LOADED'));
});
