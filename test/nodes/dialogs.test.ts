import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { assembleCatalogue, assembleHtml } from '../../scripts/dialogs';
import { makeFolder } from '../support/folder';
import { FAMILIES, helpOf, localesOf, nodeHtml, typesIn } from '../support/node-files';

const NODES = join(__dirname, '..', '..', '..', 'nodes');
const SOURCES = readdirSync(NODES, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.html'))
  .map((file) => file.replaceAll('\\', '/'));

test('a row is inserted with the indentation of its line; a missing row fails the build with its name', () => {
  const folder = makeFolder();
  writeFileSync(join(folder, 'server.html'), '<div>\n    <input>\n</div>\n');
  const dialog = join(folder, 'dialog.html');
  const assembled = () => assembleHtml(dialog, 'row', [join(folder, 'nowhere'), folder]);
  writeFileSync(dialog, '<form>\n    <!-- row server -->\n    <!-- help server -->\n</form>\n');
  const rows = '    <div>\n        <input>\n    </div>\n';
  assert.equal(assembled(), `<form>\n${rows}    <!-- help server -->\n</form>\n`);
  writeFileSync(dialog, '<!-- row servant -->\n');
  assert.throws(assembled, /dialog\.html: there is no row servant/);
});

test('a catalogue keeps its own texts beside the shared ones', () => {
  const folder = makeFolder();
  const [own, shared] = [join(folder, 'own.json'), join(folder, 'shared.json')];
  writeFileSync(own, '{"label": {"a": "A"}, "errors": {"OWN": "own"}}');
  writeFileSync(shared, '{"errors": {"BOTH": "both"}}');
  const expected = { label: { a: 'A' }, errors: { OWN: 'own', BOTH: 'both' } };
  assert.deepEqual(JSON.parse(assembleCatalogue(own, shared)), expected);
});

test('no dialog or help page contains a placeholder of the build', () => {
  for (const family of FAMILIES) {
    for (const type of typesIn(family)) {
      assert.doesNotMatch(nodeHtml(type), /<!--/, type);
      for (const language of readdirSync(localesOf(family))) assert.doesNotMatch(helpOf(language, type), /<!--/, type);
    }
  }
});

test('each shared row and help fragment has more than one user', () => {
  const parts = SOURCES.filter((file) => /\/(rows|help)\//.test(file));
  assert(parts.length > 15, `${parts.length} parts found`);
  for (const part of parts) {
    const [family = '', kind, language] = part.split('/');
    const users = family === 'shared' ? '' : kind === 'rows' ? `${family}/` : `${family}/locales/${language}/`;
    const line = `<!-- ${kind === 'rows' ? 'row' : 'help'} ${basename(part, '.html')} -->`;
    const found = SOURCES.filter((file) => file.startsWith(users) && source(file).includes(line));
    assert(found.length > 1, part);
  }
});

test('a text that all families share is in no catalogue of a family', () => {
  for (const file of readdirSync(join(NODES, 'shared', 'locales'))) {
    const shared = keysOf(`shared/locales/${file}`);
    for (const family of FAMILIES) {
      const folder = `${family}/locales/${basename(file, '.json')}`;
      const catalogues = readdirSync(join(NODES, folder)).filter((name) => name.endsWith('.json'));
      const own = catalogues.flatMap((name) => keysOf(`${folder}/${name}`));
      const twice = own.filter((key) => shared.includes(key));
      assert.deepEqual(twice, [], folder);
    }
  }
});

test('each label of a dialog has an icon, which Node-RED has', () => {
  const css = readFileSync(
    require.resolve('@node-red/editor-client/public/vendor/font-awesome/css/font-awesome.min.css'),
  );
  for (const type of FAMILIES.flatMap(typesIn)) {
    for (const [label, icon] of nodeHtml(type).matchAll(/<label\b[^>]*>(?:<i class="fa (fa-[\w-]+)">)?/g)) {
      assert(icon && css.includes(`.${icon}:before`), `${type}: ${label}`);
    }
  }
});

test('each tab of a dialog has at most eight rows', () => {
  for (const type of FAMILIES.flatMap(typesIn)) {
    const [, ...tabs] = nodeHtml(type).split(/<div id="[\w-]+-tab-\w+"/);
    // The fields of the ways to sign in take each other's place.
    const rows = tabs.map((tab) => tab.split(/<div class="form-row(?! nats-auth)/).length - 1);
    assert(
      rows.every((count) => count <= 8),
      `${type}: ${rows}`,
    );
  }
});

function source(file: string): string {
  return readFileSync(join(NODES, file), 'utf8');
}

/** The keys of a catalogue's texts: `errors.BAD_ENV`. */
function keysOf(file: string): string[] {
  const sections = Object.entries<object>(JSON.parse(source(file)));
  return sections.flatMap(([section, texts]) => Object.keys(texts).map((name) => `${section}.${name}`));
}
