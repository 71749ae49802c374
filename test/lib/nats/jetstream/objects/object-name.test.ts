import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkObjectName, chunkSubject, metaSubject } from '../../../../../lib/nats/jetstream/objects/object-name';
import { isPublishSubject } from '../../../../../lib/nats/message/subject';

const NAMES = ['a', 'a/b.txt', '*', '>', ' ', 'a\r\nPUB x 0\r\n', 'ä€𝄞', '\0', '??>>', 'x'.repeat(1024)];

test('an object may have any name that is not empty or too long', () => {
  for (const name of NAMES) assert.equal(checkObjectName(name), name);
  for (const bad of ['', undefined, null, 7, {}, 'x'.repeat(1025), 'ä'.repeat(513), '\ud800']) {
    assert.throws(() => checkObjectName(bad), { code: 'BAD_OBJECT' }, String(bad));
  }
});

test('each name has a subject of its own, as ADR-20 forms it', () => {
  for (const name of NAMES) assert(isPublishSubject(metaSubject('FILES', name)), name);
  assert.equal(new Set(NAMES.map((name) => metaSubject('FILES', name))).size, NAMES.length);
  assert.equal(metaSubject('FILES', 'ab'), '$O.FILES.M.YWI=');
  assert.equal(metaSubject('FILES', '??>>'), '$O.FILES.M.Pz8-Pg==');
  assert.equal(metaSubject('FILES', 'ä'), '$O.FILES.M.w6Q=');
  assert.equal(chunkSubject('FILES', 'ID'), '$O.FILES.C.ID');
});
