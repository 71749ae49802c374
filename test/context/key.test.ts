import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bucketKey, type Place, placeOf } from '../../context/key';
import { checkKey } from '../../lib/nats/jetstream/kv/key';

const KEYS: [place: Place, key: string][] = [
  [{ scope: 'global', key: 'count' }, 'global.count'],
  [{ scope: 'global', key: 'room 1.temperature (°C)' }, 'global.room=201=2Etemperature=20=28=B0C=29'],
  [{ scope: 'global', key: 'a=b' }, 'global.a=3Db'],
  [{ scope: 'global', key: '温度' }, 'global.=u6E29=u5EA6'],
  [{ scope: 'global', key: 'a/b-c_d' }, 'global.a/b-c_d'],
  [{ scope: '1a2b3c4d5e6f7081', key: 'count' }, 'flow.1a2b3c4d5e6f7081.count'],
  [{ scope: 'f1.0a', key: 'count' }, 'flow.f1=2E0a.count'],
  [{ scope: 'node1:flow1', key: 'count' }, 'node.flow1.node1.count'],
  [{ scope: 'sub-node:sub', key: 'x' }, 'node.sub.sub-node.x'],
  [{ scope: 'a:b:c', key: 'x' }, 'node.b=3Ac.a.x'],
  [{ scope: 'flow', key: 'global' }, 'flow.flow.global'],
  [{ scope: ':', key: '' }, 'node.=.=.='],
];

test('each place in a context has a key of its own, and the key leads back to it', () => {
  for (const [place, key] of KEYS) {
    assert.equal(bucketKey(place), key);
    assert.equal(checkKey(key), key, 'every client accepts it');
    assert.deepEqual(placeOf(key), place);
  }
});

test('any text can be a key and an id', () => {
  const texts = [
    '*',
    '>',
    '.',
    '..',
    ' ',
    '\0',
    '\r\nPUB x 0',
    '$',
    '__proto__',
    '😀',
    '\uD83D',
    '\uDE00',
    '=',
    '=41',
    'u0041',
  ];
  const keys = new Set<string>();
  for (const text of texts) {
    for (const place of [
      { scope: 'global', key: text },
      { scope: text, key: text },
      { scope: `${text}:flow`, key: text },
      { scope: `node:${text}`, key: text },
    ]) {
      const key = bucketKey(place);
      assert.equal(checkKey(key), key);
      assert.deepEqual(placeOf(key), place, key);
      keys.add(key);
    }
  }
  assert.equal(keys.size, 4 * texts.length);
});

test('a key that no context has made is left alone', () => {
  for (const key of ['count', 'global', 'global.a.b', 'flow.f', 'flow.f.a.b', 'node.f.n', 'node.f.n.k.l', 'other.a'])
    assert.equal(placeOf(key), undefined, key);
  for (const key of ['global.=61', 'global.=2e', 'global.=u0041', 'global.a=', 'global.=2', 'flow.global.x'])
    assert.equal(placeOf(key), undefined, key);
});
