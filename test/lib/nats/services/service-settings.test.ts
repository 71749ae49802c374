import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  checkEndpointName,
  checkServiceName,
  checkVersion,
  parseMetadata,
} from '../../../../lib/nats/services/service-settings';

test('a name is letters, digits, - and _', () => {
  for (const good of ['thermometer', 'A-1_b', '0', 'x'.repeat(255)]) {
    assert.equal(checkServiceName(good), good);
    assert.equal(checkEndpointName(good), good);
  }
  for (const bad of ['', 'a b', 'a.b', '*', '>', 'ä', 'a\r\nPUB x 0', 'x'.repeat(256)]) {
    assert.throws(() => checkServiceName(bad), { code: 'BAD_SERVICE' }, bad);
    assert.throws(() => checkEndpointName(bad), { code: 'BAD_ENDPOINT' }, bad);
  }
});

test('a version is a semantic one', () => {
  for (const good of ['0.0.0', '1.0.0', '10.20.30', '1.2.3-rc.1', '1.0.0-0a.b-c', '1.0.0+build.007', '1.0.0-a+b']) {
    assert.equal(checkVersion(good), good);
  }
  for (const bad of [
    '',
    '1',
    '1.0',
    '1.0.0.0',
    'v1.0.0',
    '01.0.0',
    '1.0.0-',
    '1.0.0-01',
    '1.0.0-a..b',
    '1.0.0+',
    '1.0.0\n',
  ]) {
    assert.throws(() => checkVersion(bad), { code: 'BAD_SERVICE', values: { value: JSON.stringify(bad) } }, bad);
  }
});

test('a version that is almost one is refused in no time', () => {
  const before = performance.now();
  assert.throws(() => checkVersion(`1.0.0-${'1'.repeat(50_000)}.`), { code: 'BAD_SERVICE' });
  assert(performance.now() - before < 1000);
});

test('metadata is a JSON object of strings, or nothing', () => {
  assert.deepEqual(parseMetadata(' '), {});
  assert.deepEqual(parseMetadata('{}'), {});
  assert.deepEqual(parseMetadata('{"region": "eu", "rack": "7"}'), { region: 'eu', rack: '7' });
  for (const bad of ['{', 'null', '[]', '["a"]', '"a"', '7', '{"rack": 7}', '{"a": {"b": "c"}}', '{"a": null}']) {
    assert.throws(() => parseMetadata(bad), { code: 'BAD_SERVICE', text: 'BAD_SERVICE-metadata' }, bad);
  }
});
