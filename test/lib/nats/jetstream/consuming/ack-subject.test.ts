import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkAckSubject, isoTime, readAckSubject } from '../../../../../lib/nats/jetstream/consuming/ack-subject';

const EXPECTED = {
  stream: 'ORDERS',
  consumer: 'worker',
  delivered: 2,
  sequence: 70,
  consumerSequence: 81,
  timeNs: '1795955989746583855',
  pending: 9,
};

test('the subject for acknowledgements tells about the message, in both forms', () => {
  const end = 'ORDERS.worker.2.70.81.1795955989746583855.9';
  for (const [prefix, more] of [
    ['$JS.ACK.', ''],
    ['$JS.ACK.hub.ACCOUNT.', ''],
    ['$JS.ACK._.ACCOUNT.', '.token'],
  ]) {
    const expected = { prefix: `${prefix}ORDERS.worker.`, ...EXPECTED };
    assert.deepEqual(readAckSubject(`${prefix}${end}${more}`), expected);
    // The second time, the beginning is known.
    assert.deepEqual(readAckSubject(`${prefix}${end}${more}`), expected);
  }
});

test('a subject that only begins like the one before is read by its own form', () => {
  const subjects = [
    '$JS.ACK.hub.ACCOUNT.1.2.3.4.5',
    '$JS.ACK.hub.ACCOUNT.ORDERS.worker.1.2.3.4.5',
    '$JS.ACK.hub.ACCOUNT.1.2.3.4.5',
    '$JS.ACK.hub.ACCOUNT.1.2.3.4.5.6.7',
    '$JS.ACK.hub.ACCOUNT.1.2.3.4.5',
    '$JS.ACK.hub.ACCOUNT.1.2',
    '$JS.ACK.hub.ACCOUNT.1.2.3.4',
  ];
  assert.deepEqual(
    subjects.map((subject) => {
      const { stream, consumer, sequence, timeNs, pending } = readAckSubject(subject) ?? {};
      return [stream, consumer, sequence, timeNs, pending];
    }),
    [
      ['hub', 'ACCOUNT', 2, '4', 5],
      ['ORDERS', 'worker', 2, '4', 5],
      ['hub', 'ACCOUNT', 2, '4', 5],
      ['1', '2', 4, '6', 7],
      ['hub', 'ACCOUNT', 2, '4', 5],
      [undefined, undefined, undefined, undefined, undefined],
      [undefined, undefined, undefined, undefined, undefined],
    ],
  );
});

test('other subjects tell nothing', () => {
  for (const other of ['_INBOX.a.1', '$JS.ACK.a.b', '$JS.API.INFO', '']) assert.equal(readAckSubject(other), undefined);
});

test('only a subject below $JS.ACK. is one for acknowledgements', () => {
  assert.equal(checkAckSubject('$JS.ACK.a.b'), '$JS.ACK.a.b');
  for (const wrong of [
    undefined,
    7,
    {},
    '',
    'orders',
    '$JS.API.STREAM.DELETE.a',
    '$JS.ACK.',
    '$JS.ACK.a b',
    '$JS.ACK.>',
  ]) {
    assert.throws(() => checkAckSubject(wrong), { code: 'NO_ACK' }, String(wrong));
  }
  assert.throws(() => checkAckSubject('$JS.ACK.a\r\nPUB b 0\r\n\r\n'), { code: 'NO_ACK' });
});

test('a time in nanoseconds is shown in milliseconds', () => {
  assert.equal(isoTime('1795955989746583855'), '2026-11-29T12:39:49.746Z');
});
