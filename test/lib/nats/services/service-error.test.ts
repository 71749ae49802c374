import assert from 'node:assert/strict';
import { test } from 'node:test';
import { errorHeaders, failure, serviceErrorOf } from '../../../../lib/nats/services/service-error';

const CASES: [error: unknown, code: number, description: string][] = [
  ['no such room', 500, 'no such room'],
  [new Error('no such room'), 500, 'no such room'],
  [{ message: 'no such room', code: 404 }, 404, 'no such room'],
  [{ message: 'no such room', code: 0 }, 0, 'no such room'],
  [{ message: 'late', code: 'TIMEOUT' }, 500, 'late'],
  [{ message: 'late', code: '404' }, 500, 'late'],
  [{ message: 'late', code: -2 }, 500, 'late'],
  [{ message: 'late', code: 4.5 }, 500, 'late'],
  [{ message: 'late', code: Number.NaN }, 500, 'late'],
  [{ message: 'late', code: 1e21 }, 500, 'late'],
  [{ message: 'a\r\nNats-Service-Error-Code: 0\r\n\r\nb\0c\td' }, 500, 'a Nats-Service-Error-Code: 0 b c d'],
  [{ message: ' \r\n ' }, 500, '500'],
  [{ reason: 'no message' }, 500, '{"reason":"no message"}'],
  [['a', 'b'], 500, '["a","b"]'],
  [true, 500, 'true'],
  [42, 500, '42'],
  ['x'.repeat(5000), 500, 'x'.repeat(1000)],
];

test('an error has a code and a description of one line', () => {
  for (const [error, code, description] of CASES) assert.deepEqual(serviceErrorOf(error), { code, description });
});

test('what says that there is no error is none', () => {
  for (const none of [undefined, null, false, '', 0]) assert.equal(serviceErrorOf(none), undefined);
});

test('the headers of an error are those of the protocol, the code in digits', () => {
  assert.deepEqual(errorHeaders(failure('no such room', 404)), [
    ['Nats-Service-Error', 'no such room'],
    ['Nats-Service-Error-Code', '404'],
  ]);
});
