import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  checkPublishSubject,
  checkQueueGroup,
  checkReplySubject,
  checkSubscribeSubject,
  isPublishSubject,
  isSubscribeSubject,
} from '../../../../lib/nats/message/subject';

test('a publish subject consists of tokens without wildcards or white space', () => {
  for (const good of ['a', 'a.b.c', 'senseshow', '_INBOX.x.y', '$JS.API', 'größe.温度', '😀']) {
    assert(isPublishSubject(good), good);
  }
  for (const bad of [
    '',
    '.',
    'a..b',
    '.a',
    'a.',
    'a b',
    'a\tb',
    'a.*',
    'a*',
    '>',
    'a.>',
    'a\0',
    'a\u0085b',
    'a\ud83d',
    '\ude00\ud83d',
    'a\r\nPUB x 0',
  ]) {
    assert(!isPublishSubject(bad), JSON.stringify(bad));
  }
});

test('a subscribe subject may have whole tokens as wildcards', () => {
  for (const good of ['a', '*', '>', 'a.*', '*.b', 'a.*.c.>', '*.>']) assert(isSubscribeSubject(good), good);
  for (const bad of ['', 'a.>.b', '>.a', 'a*', 'a.b*', 'a>', '**', 'a..*', 'a b.*', '*\r\nSUB x 1']) {
    assert(!isSubscribeSubject(bad), JSON.stringify(bad));
  }
});

test('a subject that is too long in bytes for a protocol line is invalid', () => {
  assert(isPublishSubject('x'.repeat(1900)));
  assert(!isPublishSubject('x'.repeat(1901)));
  assert(!isPublishSubject('温'.repeat(700)));
});

test('the checks throw a code and show the invalid value', () => {
  const cases: [(value: unknown) => string, unknown, string, string][] = [
    [checkPublishSubject, 'a b', 'BAD_SUBJECT', 'BAD_SUBJECT-publish'],
    [checkPublishSubject, undefined, 'BAD_SUBJECT', 'BAD_SUBJECT-missing'],
    [checkPublishSubject, 42, 'BAD_SUBJECT', 'BAD_SUBJECT-publish'],
    [checkSubscribeSubject, 'a.>.b', 'BAD_SUBJECT', 'BAD_SUBJECT-subscribe'],
    [checkSubscribeSubject, '', 'BAD_SUBJECT', 'BAD_SUBJECT-missing'],
    [checkReplySubject, 'a.*', 'BAD_REPLY', 'BAD_REPLY'],
    [checkQueueGroup, 'q\r\nPUB x 0', 'BAD_QUEUE', 'BAD_QUEUE'],
    [checkQueueGroup, undefined, 'BAD_QUEUE', 'BAD_QUEUE-missing'],
  ];
  for (const [check, value, code, text] of cases) {
    assert.throws(() => check(value), { code, text, ...(value ? { values: { value: JSON.stringify(value) } } : {}) });
  }
  assert.equal(checkSubscribeSubject('a.*'), 'a.*');
});
