import assert from 'node:assert/strict';
import { test } from 'node:test';
import { util } from '@node-red/util';
import { parsePath, valueAt, withValueAt } from '../../context/path';

const hasCode = (code: string) => (error: { code?: string }) => error.code === code;

/** What Node-RED's own stores do with an expression: https://nodered.org/docs/api/modules/ */
const nodeRed = util as unknown as {
  normalisePropertyExpression(expression: string): (string | number)[];
  getObjectProperty(object: object, expression: string): unknown;
  setObjectProperty(object: object, expression: string, value: unknown): unknown;
};

const EXPRESSIONS = [
  'a',
  'a.b',
  'a.b.c',
  'a[0]',
  'a[10][2].b',
  'a.0.b',
  'a.0',
  '0.a',
  'a["b c"].d',
  "a['b.c']",
  `a["it's"]`,
  '"a b".c',
  `'a.b'`,
  'a["b"][0]',
  'a["b"]c',
  'a[01]',
  'temperature-1/2',
  'Größe.tür',
  '$a._b',
  '__proto__',
  'a.__proto__.b',
];

test('a path is read as by the stores of Node-RED', () => {
  for (const expression of EXPRESSIONS) {
    const [key, ...properties] = nodeRed.normalisePropertyExpression(expression);
    assert.deepEqual(parsePath(expression), [String(key), ...properties], expression);
  }
});

test('what the stores of Node-RED refuse is INVALID_EXPR', () => {
  const bad = [
    '',
    '.',
    '.a',
    'a.',
    'a..b',
    'a b',
    ' ',
    'a[',
    'a]',
    'a[]',
    'a[b]',
    'a[0',
    'a["b]',
    'a["b"',
    'a[""]',
    "''",
  ];
  for (const expression of [...bad, 'a.[0]', 'a."b"', '[0]', 'a.-b', `a["b"c"]`, 'a"b"', '"a"b', 'a[ 0]', 'a.b ']) {
    assert.throws(() => nodeRed.normalisePropertyExpression(expression), `${expression} in Node-RED`);
    assert.throws(() => parsePath(expression), hasCode('INVALID_EXPR'), expression);
  }
});

test('a reference to a message is INVALID_EXPR, as there is no message', () => {
  assert.throws(() => parsePath('a[msg.topic]'), hasCode('INVALID_EXPR'));
});

/** The contexts before and after a value is set, with their values set by Node-RED in its own way. */
const CHANGES: [before: object, expression: string, value: unknown][] = [
  [{}, 'a', 1],
  [{}, 'a.b', 1],
  [{}, 'a.b.c', { d: 1 }],
  [{}, 'a[0]', 'x'],
  [{}, 'a[1].b', 'x'],
  [{}, 'a.0.b', 'x'],
  [{}, 'a.0', 'x'],
  [{ a: { b: 1, c: 2 } }, 'a.b', 3],
  [{ a: { b: 1, c: 2 } }, 'a.d', null],
  [{ a: [1, 2, 3] }, 'a[1]', 'x'],
  [{ a: [1, 2, 3] }, 'a.1', 'x'],
  [{ a: [{ b: [] }] }, 'a[0].b[0]', false],
  [{ a: { b: 1, c: 2 } }, 'a.b', undefined],
  [{ a: { b: 1 } }, 'a.x.y', undefined],
  [{ a: 5 }, 'a.b', undefined],
  [{ a: [1, 2, 3] }, 'a[1]', undefined],
  [{ a: [1, 2, 3] }, 'a[7]', undefined],
  [{ a: { b: 1 } }, 'a', undefined],
];

test('a value is set and removed as by the stores of Node-RED, in a copy', () => {
  for (const [before, expression, value] of CHANGES) {
    const original = structuredClone(before) as Record<string, unknown>;
    const path = parsePath(expression);
    const after = { ...original, [path[0]]: withValueAt(original[path[0]], path, value) };
    if (after[path[0]] === undefined) delete after[path[0]];
    const expected = structuredClone(before);
    nodeRed.setObjectProperty(expected, expression, value);
    assert.deepEqual(JSON.parse(JSON.stringify(after)), JSON.parse(JSON.stringify(expected)), expression);
    assert.deepEqual(original, before, `${expression} changes only a copy`);
    assert.deepEqual(valueAt(after[path[0]], path.slice(1)), readByNodeRed(expected, expression));
  }
});

/** Node-RED's own stores take what this throws for no value. */
function readByNodeRed(context: object, expression: string): unknown {
  try {
    return nodeRed.getObjectProperty(context, expression);
  } catch {
    return undefined;
  }
}

test('what is not on the way is not copied', () => {
  const root = { a: { b: 1 }, c: { d: 2 } };
  const after = withValueAt(root, parsePath('root.a.b'), 3) as typeof root;
  assert.deepEqual(after, { a: { b: 3 }, c: { d: 2 } });
  assert.equal(after.c, root.c);
});

test('a value that cannot have a property is BAD_VALUE, where the stores of Node-RED do nothing', () => {
  for (const root of [5, 'text', true, null, Buffer.from('x'), new Date(), new Map(), new Set()]) {
    assert.throws(() => withValueAt(root, parsePath('a.b'), 1), hasCode('BAD_VALUE'), String(root));
    assert.equal(withValueAt(root, parsePath('a.b'), undefined), root);
  }
  assert.throws(() => withValueAt([1], parsePath('a.name'), 1), hasCode('BAD_VALUE'));
  // No index of an array: JSON would leave it out.
  for (const root of [[1], undefined]) {
    assert.throws(() => withValueAt(root, parsePath('a[1700000000000]'), 1), hasCode('BAD_VALUE'));
  }
});

test('inherited properties are none, and no prototype is changed', () => {
  for (const expression of ['a.toString', 'a.__proto__', 'a.constructor.prototype', 'a.b.c'])
    assert.equal(valueAt({}, parsePath(expression).slice(1)), undefined, expression);
  assert.equal(valueAt(null, ['b']), undefined);
  assert.equal(valueAt([1, 2], ['length']), 2);
  const after = withValueAt({}, parsePath('a.__proto__.polluted'), true) as { polluted?: boolean };
  assert.equal(after.polluted, undefined);
  assert.equal(({} as { polluted?: boolean }).polluted, undefined);
  assert.equal(valueAt(after, ['__proto__', 'polluted']), true);
});
