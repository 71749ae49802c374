import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readHeaders, writeHeaders } from '../../../../lib/nats/client/headers';

test('headers are read even if they are invalid, together with the status of the server', () => {
  const cases: [string, number, [string, string[]][]][] = [
    ['', 0, []],
    [' 503', 503, []],
    [' 100 Idle Heartbeat', 100, []],
    [' abc', 0, []],
    ['\r\na: 1\r\na:2 ', 0, [['a', ['1', '2']]]],
    ['\r\n: c', 0, [['', ['c']]]],
    ['\r\na b: c', 0, [['a b', ['c']]]],
    ['\r\ngröße: c', 0, [['größe', ['c']]]],
    ['\r\nno colon\r\n\r\na: b:c', 0, [['a', ['b:c']]]],
    ['\r\n__proto__: x', 0, [['__proto__', ['x']]]],
  ];
  for (const [text, code, expected] of cases) {
    const headers = readHeaders(Buffer.from(`NATS/1.0${text}\r\n\r\n`));
    assert.equal(headers.code, code, text);
    assert.deepEqual([...headers], expected, text);
  }
  assert.equal(readHeaders(Buffer.from('NATS/1.0 503 No Responders\r\n\r\n')).description, 'No Responders');
});

test('headers are read as they were written, in order and with their case', () => {
  const values = { 'X-Id': ['a'], 'x-id': ['b'], many: ['1', '2'], ['__proto__']: ['x'], empty: [''], word: ['温度'] };
  assert.deepEqual([...readHeaders(writeHeaders(Object.entries(values)))], Object.entries(values));
});
