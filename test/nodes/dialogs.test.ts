import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { assembleHtml } from '../../scripts/dialogs';
import { FAMILIES, helpOf, localesOf, nodeHtml, typesIn } from '../support/node-files';
import { makeFolder } from '../support/packed';

const NODES = join(__dirname, '..', '..', '..', 'nodes');
const SOURCES = readdirSync(NODES, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.html'))
  .map((file) => file.replaceAll('\\', '/'));

test('a row is put in with the indentation of its line; one that is missing fails the build by its name', (t) => {
  const folder = makeFolder(t);
  writeFileSync(join(folder, 'server.html'), '<div>\n    <input>\n</div>\n');
  const dialog = join(folder, 'dialog.html');
  const assembled = () => assembleHtml(dialog, 'row', [join(folder, 'nowhere'), folder]);
  writeFileSync(dialog, '<form>\n    <!-- row server -->\n    <!-- help server -->\n</form>\n');
  const rows = '    <div>\n        <input>\n    </div>\n';
  assert.equal(assembled(), `<form>\n${rows}    <!-- help server -->\n</form>\n`);
  writeFileSync(dialog, '<!-- row servant -->\n');
  assert.throws(assembled, /dialog\.html: there is no row servant/);
});

test('no dialog and no page of help is left with a line for the build', () => {
  for (const family of FAMILIES) {
    for (const type of typesIn(family)) {
      assert.doesNotMatch(nodeHtml(type), /<!--/, type);
      for (const language of readdirSync(localesOf(family))) assert.doesNotMatch(helpOf(language, type), /<!--/, type);
    }
  }
});

test('each row and each paragraph that stands by itself has more than one user', () => {
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

function source(file: string): string {
  return readFileSync(join(NODES, file), 'utf8');
}
