import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { catalogueOf, FAMILIES, helpOf as helpPageOf, localesOf, nodeHtml, typesIn } from '../support/node-files';

const ROOT = join(__dirname, '..', '..', '..');
const CORE = join(ROOT, 'node_modules', '@node-red', 'nodes', 'locales');
const PACK = '@natshat/node-red';

const ORIGINAL = 'en-US';
const TRANSLATIONS = ['de', 'ja'];
const LANGUAGES = [ORIGINAL, ...TRANSLATIONS];

/** The texts of a catalogue by their keys: `label.servers`. */
type Texts = Map<string, string>;

function flatten(texts: object, prefix = ''): [string, string][] {
  return Object.entries(texts).flatMap(([name, value]) =>
    typeof value === 'object' ? flatten(value, `${prefix}${name}.`) : [[prefix + name, value] as [string, string]],
  );
}

/** The files of all families. */
function filesOf(language: string): string[] {
  return FAMILIES.flatMap((family) => readdirSync(join(localesOf(family), language))).sort();
}

function textsOf(language: string, catalogue: string): Texts {
  return new Map(flatten(catalogueOf(language, catalogue)));
}

function namesOf(extension: string): string[] {
  return filesOf(ORIGINAL)
    .filter((file) => file.endsWith(extension))
    .map((file) => basename(file, extension))
    .sort();
}

const CATALOGUES = namesOf('.json');
const ORIGINALS = new Map(CATALOGUES.map((catalogue) => [catalogue, textsOf(ORIGINAL, catalogue)]));
const SECTIONS = new Set(
  [...ORIGINALS.values()].flatMap((texts) => [...texts.keys()].map((key) => key.split('.')[0] as string)),
);

test('each language has the files of the original, and there are no other languages', () => {
  for (const family of FAMILIES) assert.deepEqual(readdirSync(localesOf(family)).sort(), [...LANGUAGES].sort());
  for (const language of TRANSLATIONS) assert.deepEqual(filesOf(language), filesOf(ORIGINAL));
});

test('each language translates each text, with the same values', () => {
  const wrong: string[] = [];
  for (const language of TRANSLATIONS) {
    for (const [catalogue, originals] of ORIGINALS) {
      const texts = textsOf(language, catalogue);
      const where = (key: string) => `${language}/${catalogue}.json: ${key}`;
      for (const [key, original] of originals) {
        const text = texts.get(key);
        if (!text) wrong.push(`${where(key)} is missing`);
        else if (text === original && /\s[a-z]{2,}/.test(text)) wrong.push(`${where(key)} is not translated`);
        else if (String(valuesIn(text)) !== String(valuesIn(original)))
          wrong.push(`${where(key)} has the values ${valuesIn(text)}, the original ${valuesIn(original)}`);
      }
      for (const key of texts.keys()) if (!originals.has(key)) wrong.push(`${where(key)} is not in the original`);
    }
  }
  assert.equal(wrong.length, 0, wrong.join('\n'));
});

/** Errors of which a list shows several at once, cut: what they are about comes first. */
const PARTICULAR =
  /^(AUTH|CONFLICT|CONNECTION_LOST|DUPLICATE|EXISTS|NO_BUCKET|NO_CONSUMER|NO_OBJECT|NO_RESPONDERS|PERMISSION|STREAM_FULL|TIMEOUT|TLS|TOO_MANY_REPLIES|UNREACHABLE)(-(?!parts)\w+)?$|^NO_STREAM(-subject)?$/;

test('an error about something particular begins with that', () => {
  for (const language of LANGUAGES) {
    const errors = Object.entries(catalogueOf(language, 'nats-config').errors ?? {});
    const texts = errors.filter(([key]) => PARTICULAR.test(key));
    assert(texts.length > 20);
    for (const [key, text] of texts) assert.match(text, language === 'ja' ? /^.{0,9}__/ : /^__/, `${language} ${key}`);
  }
});

/** The names of the values in a text. */
function valuesIn(text: string): string[] {
  return [...new Set(Array.from(text.matchAll(/__(\w+?)__/g), ([, name]) => name as string))].sort();
}

/** A string in a source that is, or may be, the key of a text. */
interface Use {
  where: string;
  /** The catalogues that may contain it, or the core nodes' own. */
  catalogues: string[] | 'node-red';
  key: string;
  /** Matches the key; its computed parts match anything. */
  pattern: RegExp;
}

const SOURCES = [
  ...sourcesIn('nodes', /\.ts$/),
  ...FAMILIES.flatMap(typesIn).map((type) => ({ file: `${type}.html`, source: nodeHtml(type) })),
  ...sourcesIn('resources', /\.(js|html)$/),
];

function sourcesIn(folder: string, names: RegExp): { file: string; source: string }[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => names.test(file))
    .map((file) => ({ file: `${folder}/${file}`, source: readFileSync(join(ROOT, folder, file), 'utf8') }));
}

/** A quoted key, with or without the name of a catalogue or of a constant that holds one. */
const QUOTED = /(?<=["'`\];])(?:(?<name>[@\w/-]+|\$\{\w+\}):)?(?<key>[a-z]\w*(?:\.(?:[\w-]+|\$\{[^}]+\}))+)(?=["'`;])/g;
/** The code before a string that is certainly a key. */
const CERTAIN = /(data-i18n="[^"]*|\b_\(\s*["'`]|\btext\([^)]*["'`]|\btext: ["'`])$/;

/** A text that the dialogs of the NATS nodes share; see resources/nats-dialogs/text.js. */
const SHARED = /\bnatshat\.text\(["'`]$/;

/** The catalogues by the names of constants such as `NATS_TEXTS`. */
const CONSTANTS = new Map(
  SOURCES.flatMap(({ source }) =>
    Array.from(source.matchAll(/const (\w+) = '@natshat\/node-red\/([\w-]+)'/g), ([, name, catalogue]) => [
      `\${${name}}`,
      catalogue as string,
    ]),
  ) as [string, string][],
);

function usesIn({ file, source }: { file: string; source: string }): Use[] {
  const type = basename(file).replace(/\.\w+$/, '');
  const named = Array.from(source.matchAll(/@natshat\/node-red\/([\w-]+)/g), ([, name]) => name as string);
  const assumed = CATALOGUES.includes(type) ? [type] : CATALOGUES.filter((name) => named.includes(name));
  return Array.from(source.matchAll(QUOTED)).flatMap((match) => {
    const { name, key } = match.groups as { name?: string; key: string };
    const before = source.slice(Math.max(0, match.index - 200), match.index);
    const isCertain = CERTAIN.test(before);
    if (/\.(js|css|svg|html)$/.test(key)) return [];
    if (name === undefined && !isCertain && !SECTIONS.has(key.split('.')[0] as string)) return [];
    const catalogue = name?.startsWith(`${PACK}/`) ? name.slice(PACK.length + 1) : CONSTANTS.get(name ?? '');
    // Another namespace, or another string with a colon.
    if (catalogue === undefined && name !== undefined && name !== 'node-red' && !name.startsWith('${')) return [];
    const own = SHARED.test(before) ? ['nats-config'] : assumed;
    const any = own.length > 0 && !name ? own : CATALOGUES;
    const catalogues = name === 'node-red' ? name : catalogue === undefined ? any : [catalogue];
    const pattern = key.replaceAll('.', '\\.').replace(/\$\{[^}]+\}/g, '[\\w-]+');
    return [{ where: file, catalogues, key, pattern: new RegExp(`^${pattern}$`) }];
  });
}

const USES = SOURCES.flatMap(usesIn);

test('each text that the code uses is in its catalogue', () => {
  assert(USES.length > 150, `${USES.length} uses found`);
  const missing = USES.filter(({ catalogues, pattern }) => {
    if (catalogues === 'node-red') {
      return !LANGUAGES.every((language) =>
        flatten(JSON.parse(readFileSync(join(CORE, language, 'messages.json'), 'utf8'))).some(([key]) =>
          pattern.test(key),
        ),
      );
    }
    return !catalogues.some((name) => [...(ORIGINALS.get(name)?.keys() ?? [])].some((key) => pattern.test(key)));
  });
  assert.deepEqual(
    missing.map(({ where, key }) => `${where}: ${key}`),
    [],
  );
});

test('each text in a catalogue is used', () => {
  const unused = CATALOGUES.flatMap((catalogue) => {
    const patterns = USES.filter(({ catalogues }) => catalogues.includes(catalogue)).map(({ pattern }) => pattern);
    const keys = [...(ORIGINALS.get(catalogue)?.keys() ?? [])];
    return keys.filter((key) => !patterns.some((pattern) => pattern.test(key))).map((key) => `${catalogue}: ${key}`);
  });
  assert.deepEqual(unused, []);
});

test('all words in a dialog come from the catalogues', () => {
  for (const { file, source } of SOURCES.filter(({ file }) => file.endsWith('.html'))) {
    for (const [, template] of source.matchAll(/<script type="text\/html"[^>]*>(.*?)<\/script>/gs)) {
      const words = (template as string).replace(/<[^>]*>/g, ' ').match(/\p{L}{2,}/gu) ?? [];
      assert.deepEqual(words, [], file);
      assert.doesNotMatch(template as string, /\s(placeholder|title|aria-label|alt)=/, file);
    }
  }
});

/** The parts of a node's help, by language, as the core nodes call them. */
const PARTS: Record<string, string[]> = {
  'en-US': ['Inputs', 'Outputs', 'Details', 'References'],
  de: ['Eingangsdaten', 'Ausgangsdaten', 'Details', 'Referenzen'],
  ja: ['入力', '出力', '詳細', '参考'],
};

const PAGES = namesOf('.html');

function helpOf(language: string, type: string): string {
  const page = /^<script type="text\/html" data-help-name="([\w-]+)">(.*)<\/script>\s*$/s;
  const help = page.exec(helpPageOf(language, type));
  assert.equal(help?.[1], type, `${language}/${type}.html`);
  return help?.[2] as string;
}

/** The contents of all elements with a tag, in order. */
function inTags(help: string, tag: string): string[] {
  return Array.from(help.matchAll(new RegExp(`<${tag}\\b[^>]*>(.*?)</${tag}>`, 'gs')), ([, inner]) =>
    (inner as string).replace(/\s+/g, ' ').trim(),
  );
}

test('each node has a help page: a sentence, inputs and outputs if it has any, details and references', () => {
  const types = SOURCES.filter(({ file }) => /^[^/]+\.html$/.test(file));
  assert.deepEqual(types.map(({ file }) => basename(file, '.html')).sort(), PAGES);
  for (const { file, source } of types) {
    const type = basename(file, '.html');
    const has = (ports: string) => new RegExp(`^ +${ports}: (1|\\{)`, 'm').test(source);
    const expected = [has('inputs'), has('outputs'), true, true];
    for (const language of LANGUAGES) {
      const help = helpOf(language, type);
      assert.deepEqual(
        inTags(help, 'h3'),
        PARTS[language]?.filter((_, part) => expected[part]),
        `${language}/${type}.html`,
      );
      const [, first] = /^\s*<p>([^<]*)<\/p>\s*<h3>/.exec(help) ?? [];
      assert.match(first ?? '', /^[^.。]+(8x8)?[^.。]*[.。]$/, `${language}/${type}.html begins with one sentence`);
    }
  }
});

test('the help in each language names the same properties, values, codes and pages', () => {
  for (const language of TRANSLATIONS) {
    for (const type of PAGES) {
      const where = `${language}/${type}.html`;
      const [original, help] = [helpOf(ORIGINAL, type), helpOf(language, type)];
      assert.deepEqual(propertiesIn(help), propertiesIn(original), where);
      assert.deepEqual(setOf(inTags(help, 'code')), setOf(inTags(original, 'code')), where);
      assert.deepEqual(linksIn(help), linksIn(original), where);
      for (const tag of ['p', 'li', 'dd'])
        assert.equal(inTags(help, tag).length, inTags(original, tag).length, `${where}: <${tag}>`);
    }
  }
});

/** The message properties, with whether they are optional. */
function propertiesIn(help: string): string[] {
  return Array.from(
    help.matchAll(/<dt( class="optional")?>([^<]*)/g),
    ([, optional, name]) => `${name?.trim()}${optional ? '?' : ''}`,
  );
}

function linksIn(help: string): string[] {
  return Array.from(help.matchAll(/href="([^"]*)"/g), ([, href]) => href as string);
}

const setOf = (items: string[]) => [...new Set(items)].sort();

test('the help uses the labels of the dialog for fields and choices', () => {
  const keysOf = (text: string) =>
    CATALOGUES.flatMap((catalogue) =>
      [...(ORIGINALS.get(catalogue) as Texts)]
        .filter(([, other]) => other === text)
        .map(([key]) => ({ catalogue, key })),
    );
  let named = 0;
  for (const type of PAGES) {
    const original = helpOf(ORIGINAL, type);
    for (const tag of ['b', 'i']) {
      for (const { text, keys } of inTags(original, tag).map((text) => ({ text, keys: keysOf(text) }))) {
        if (keys.length === 0) continue;
        named++;
        for (const language of TRANSLATIONS) {
          const words = keys.map(({ catalogue, key }) => textsOf(language, catalogue).get(key));
          const said = inTags(helpOf(language, type), tag);
          assert(
            words.some((word) => said.includes(word as string)),
            `${language}/${type}.html: ${text} is ${words} in the dialog`,
          );
        }
      }
    }
  }
  assert(named > 25, `${named} fields found`);
});

test('each code in the help belongs to an error', () => {
  const codes = new Set(
    [...ORIGINALS.values()].flatMap((texts) =>
      [...texts.keys()].filter((key) => key.startsWith('errors.')).map((key) => key.slice(7).split('-')[0]),
    ),
  );
  for (const type of PAGES) {
    for (const code of inTags(helpOf(ORIGINAL, type), 'code')) {
      if (/^[A-Z]+(_[A-Z]+)+$/.test(code)) assert(codes.has(code), `${type}: ${code}`);
    }
  }
});
