import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { nodeDefaults } from '../support/node-defaults';

const NODES = join(__dirname, '..', '..', '..', 'nodes');
const LOCALE = join(NODES, 'locales', 'en-US');

/** What the editor keeps by itself: how many inputs a node has follows from its mode. */
const BY_ITSELF = ['inputs'];

const TYPES = readdirSync(NODES)
  .filter((file) => file.endsWith('.html'))
  .map((file) => file.replace('.html', ''));

/** The options of a node; a typed input keeps its type in a second property, which has no field of its own. */
function optionsOf(type: string): string[] {
  const names = Object.keys(nodeDefaults(type));
  const isType = (name: string) => name.endsWith('Type') && names.includes(name.replace(/Type$/, ''));
  return names.filter((name) => !isType(name) && !BY_ITSELF.includes(name));
}

/** The catalogue of a node, which may have none of its own. */
function textsOf(type: string): Record<string, Record<string, string>> {
  const file = join(LOCALE, `${type}.json`);
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
}

for (const type of TYPES) {
  test(`the dialog of ${type} has a field for each option, and a text for each label`, () => {
    const html = readFileSync(join(NODES, `${type}.html`), 'utf8');
    const prefix = type.endsWith('-config') ? 'node-config-input-' : 'node-input-';
    for (const option of optionsOf(type)) assert(html.includes(`id="${prefix}${option}"`), option);
    const texts = textsOf(type);
    for (const [, key = ''] of html.matchAll(/data-i18n="(?:\[\w+\])?([\w.]+)"/g)) {
      const [group = '', name = ''] = key.split('.');
      assert.equal(typeof texts[group]?.[name], 'string', key);
    }
  });
}

for (const type of ['sense-led', 'sense-joystick']) {
  test(`the help of ${type} says what each option does`, () => {
    const help = readFileSync(join(LOCALE, `${type}.html`), 'utf8').replaceAll(/\s+/g, ' ');
    const label = textsOf(type).label ?? {};
    for (const option of optionsOf(type).filter((name) => name !== 'name')) {
      const isNamed = new RegExp(`<dt.*\\b${option}\\b|<b>${label[option]}</b>`).test(help);
      assert(isNamed, `${option}: ${label[option]}`);
    }
  });
}
