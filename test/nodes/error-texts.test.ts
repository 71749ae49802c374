import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { catalogueOf } from '../support/node-files';

const ROOT = join(__dirname, '..', '..', '..');

/** An error in the code: the key of its text, and the values that it provides. */
interface Made {
  file: string;
  text: string;
  values: string[];
}

const CATALOGUES = ['nats-config', 'sense-led'] as const;
type Catalogue = (typeof CATALOGUES)[number];

/** The texts of a catalogue by their keys. */
function textsOf(catalogue: Catalogue): Record<string, string> {
  return catalogueOf('en-US', catalogue).errors ?? {};
}

/** The catalogues for the errors of a file; code that both families use needs its texts in both. */
function cataloguesOf(file: string): readonly Catalogue[] {
  if (/sense-/.test(file)) return ['sense-led'];
  if (/\bnats\b|\bjetstream\b|^context\//.test(file)) return ['nats-config'];
  return CATALOGUES;
}

const SOURCES = ['lib', 'nodes', 'context']
  .flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((file) => join(folder, file)),
  )
  .filter((file) => file.endsWith('.ts'))
  .map((file) => ({ file: file.replaceAll('\\', '/'), source: readFileSync(join(ROOT, file), 'utf8') }));

function source(file: string): string {
  return SOURCES.find((other) => other.file === file)?.source ?? assert.fail(`no ${file}`);
}

/** The keys of error texts that a pattern finds in a source. */
function keysIn(file: string, pattern: RegExp): string[] {
  const keys = Array.from(source(file).matchAll(pattern), ([, key]) => key as string);
  assert(keys.length > 3, file);
  return keys;
}

/** The errors whose text is not a literal, by file. */
const COMPUTED: Record<string, () => Omit<Made, 'file'>[]> = {
  'lib/nats/jetstream/api.ts': () => [
    ...keysIn('lib/nats/jetstream/api.ts', /\d: '([A-Z_a-z-]+)'/g).map((text) => ({
      text,
      values: ['stream', 'consumer', 'sequence'],
    })),
    { text: 'SERVER', values: ['reason'] },
  ],
  'lib/nats/jetstream/kv/key.ts': () =>
    keysIn('lib/nats/jetstream/kv/key.ts', /'(BAD_[A-Z]+[a-z-]*)'/g).map((text) => ({ text, values: ['value'] })),
  'lib/nats/jetstream/stream-config.ts': () =>
    ['BAD_STREAM', 'BAD_STREAM-missing'].map((text) => ({ text, values: ['value'] })),
  'lib/sense-hat/device-error.ts': () =>
    keysIn('lib/sense-hat/device-error.ts', /'(DEVICE[a-z-]*)'/g).map((text) => ({ text, values: ['path', 'reason'] })),
  'lib/sense-hat/led/player.ts': () => ['CLOSED', 'STOPPED'].map((text) => ({ text, values: [] })),
  'lib/sense-hat/sensors/sensor-error.ts': () =>
    ['SENSOR', ...keysIn('lib/sense-hat/sensors/sensor-error.ts', /: '(SENSOR[a-z-]*)'/g)].map((text) => ({
      text,
      values: ['sensor', 'path', 'reason'],
    })),
  'lib/nats/message/subject.ts': () =>
    keysIn('lib/nats/message/subject.ts', /checked\('([^']+)'/g)
      .flatMap((text) => [text, `${text.split('-')[0]}-missing`])
      .map((text) => ({ text, values: ['value'] })),
};

/** The names in an object literal, or in the literal of a given variable. */
function namesIn(given: string, file: string): string[] {
  const variable = /^\w+$/.exec(given)?.[0];
  const literal = variable ? new RegExp(`const ${variable} = \\{(.*)\\};`).exec(source(file))?.[1] : given.slice(1);
  assert(literal !== undefined, `${file}: ${given}`);
  return Array.from(literal.matchAll(/(?:^|,)\s*(\w+)\s*(?=[:,}]|$)/g), ([, name]) => name as string);
}

/** All errors in the code. */
function errorsMade(): Made[] {
  const made: Made[] = [];
  for (const { file, source } of SOURCES) {
    const calls = Array.from(source.matchAll(/new CodedError\(\s*('([^']+)')?,?\s*(\{[^;]*?\}(?=[,)])|\w+)?/g));
    for (const [, , text, values] of calls) {
      if (text !== undefined) made.push({ file, text, values: values ? namesIn(values, file) : [] });
      else assert(file in COMPUTED, `${file} has an error with a computed text: tell this test which`);
    }
  }
  for (const [file, errors] of Object.entries(COMPUTED)) made.push(...errors().map((error) => ({ file, ...error })));
  return made;
}

test('each error has a sentence in the catalogue of its nodes', () => {
  const errors = errorsMade();
  assert(errors.length > 60, `${errors.length} errors found`);
  for (const { file, text } of errors) {
    for (const catalogue of cataloguesOf(file)) assert(textsOf(catalogue)[text], `${text} of ${file} in ${catalogue}`);
  }
});

test('a sentence uses only values that its error provides', () => {
  for (const { file, text, values } of errorsMade()) {
    for (const catalogue of cataloguesOf(file)) {
      const named = Array.from((textsOf(catalogue)[text] ?? '').matchAll(/__(\w+?)__/g), ([, name]) => name as string);
      for (const name of named)
        assert(values.includes(name), `${name} of ${text} in ${catalogue}: ${file} gives ${values}`);
    }
  }
});

test('each sentence in a catalogue belongs to an error', () => {
  for (const catalogue of CATALOGUES) {
    const used = new Set(
      errorsMade()
        .filter(({ file }) => cataloguesOf(file).includes(catalogue))
        .map(({ text }) => text),
    );
    const unused = Object.keys(textsOf(catalogue)).filter((text) => !used.has(text));
    assert.deepEqual(unused, [], catalogue);
  }
});
