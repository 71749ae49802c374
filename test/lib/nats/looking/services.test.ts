import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CodedError } from '../../../../lib/coded-error';
import type { Received } from '../../../../lib/nats/client/received';
import { findServices } from '../../../../lib/nats/looking/services';
import { received } from '../../../support/received';

/** A connection to which others answer these texts. */
const answering = (...texts: string[]) => ({
  requestMany: async <T>(_: unknown, __: unknown, read: (msg: Received) => T) =>
    texts.map((text) => read(received({ data: text }))),
});

test('what is no description of a service is left out, and what is too long is cut', async () => {
  const name = 'x'.repeat(1000);
  const endpoint = { name, num_requests: 'many', num_errors: null, average_processing_time: -0.5 };
  const found = await findServices(
    answering(
      ...['', 'null', '[]', '{}', '{"name": 1, "id": "a"}', `{"name": "n", "id": "${'x'.repeat(70_000)}"}`],
      '{"name": "b", "id": "2", "version": 3, "endpoints": "none"}',
      JSON.stringify({ name: 'a', id: '1', version: '1.0.0', endpoints: [null, 'e', ...Array(55).fill(endpoint)] }),
    ) as never,
  );
  assert.deepEqual(
    found.map(({ name, version }) => [name, version]),
    [
      ['a', '1.0.0'],
      ['b', ''],
    ],
  );
  assert.equal(found[0]?.endpoints.length, 48);
  const { name: shown, requests, errors } = found[0]?.endpoints[0] ?? {};
  assert.deepEqual([shown?.length, requests, errors], [200, 0, 0]);
});

test('that nobody answers is no error, and all else is', async () => {
  const failing = (code: string) => ({ requestMany: () => Promise.reject(new CodedError(code)) }) as never;
  for (const code of ['NO_RESPONDERS', 'TIMEOUT']) assert.deepEqual(await findServices(failing(code)), []);
  await assert.rejects(findServices(failing('PERMISSION')), { code: 'PERMISSION' });
});
