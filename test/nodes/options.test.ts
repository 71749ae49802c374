import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nodeDefaults } from '../support/node-defaults';
import { catalogueOf, FAMILIES, helpOf, isConfig, nodeHtml, typesIn } from '../support/node-files';

/** Properties without a field: the number of inputs follows from the mode. */
const BY_ITSELF = ['inputs'];

/** The options of a node; a typed input saves its type in a second property, which has no field of its own. */
function optionsOf(type: string): string[] {
  const names = Object.keys(nodeDefaults(type));
  const isType = (name: string) => name.endsWith('Type') && names.includes(name.replace(/Type$/, ''));
  return names.filter((name) => !isType(name) && !BY_ITSELF.includes(name));
}

for (const type of FAMILIES.flatMap(typesIn)) {
  test(`the dialog of ${type} has a field for each option, and a text for each label`, () => {
    const html = nodeHtml(type);
    const prefix = isConfig(type) ? 'node-config-input-' : 'node-input-';
    // The editor saves the value of a field as a string; a dialog saves other values itself.
    const hasField = (option: string) => [prefix, `${type}-`].some((start) => html.includes(`id="${start}${option}"`));
    for (const option of optionsOf(type)) assert(hasField(option), option);
    const texts = catalogueOf('en-US', type);
    for (const [, key = ''] of html.matchAll(/data-i18n="(?:\[\w+\])?([\w.]+)"/g)) {
      const [group = '', name = ''] = key.split('.');
      assert.equal(typeof texts[group]?.[name], 'string', key);
    }
  });
}

for (const type of ['sense-led', 'sense-joystick', 'sense-sensors']) {
  test(`the help of ${type} says what each option does`, () => {
    const help = helpOf('en-US', type).replaceAll(/\s+/g, ' ');
    const label = { ...catalogueOf('en-US', 'sense-led').label, ...catalogueOf('en-US', type).label };
    for (const option of optionsOf(type).filter((name) => name !== 'name')) {
      const isNamed = new RegExp(`<dt.*\\b${option}\\b|<b>${label[option]}</b>`).test(help);
      assert(isNamed, `${option}: ${label[option]}`);
    }
  });
}
