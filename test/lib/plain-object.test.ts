import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runInNewContext } from 'node:vm';
import { isPlainObject } from '../../lib/plain-object';

test('literals, objects from JSON and objects without a prototype are plain, in any realm', () => {
  for (const plain of [{}, { a: 1 }, JSON.parse('{"__proto__": 1}'), Object.create(null), runInNewContext('({})')]) {
    assert(isPlainObject(plain));
  }
});

test('an instance of a class is not plain', () => {
  const others = [
    [],
    new Map(),
    new Date(0),
    /a/,
    new (class Own {})(),
    Object.create({}),
    runInNewContext('new Set()'),
  ];
  for (const other of others) assert(!isPlainObject(other), Object.prototype.toString.call(other));
});
