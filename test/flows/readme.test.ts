import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { EXAMPLE_FILES, exampleNames } from '../support/examples';

const ROOT = join(__dirname, '..', '..', '..');
const README = readFileSync(join(ROOT, 'README.md'), 'utf8');

/** The cells of the table in a section, without its header. */
function tableIn(section: string): string[][] {
  const text = README.split(/^## /m).find((part) => part.startsWith(`${section}\n`)) ?? '';
  const rows = text.split('\n').filter((line) => line.startsWith('|'));
  return rows.slice(2).map((row) =>
    row
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

test('the README has at most 150 lines', () => {
  const lines = README.trimEnd().split('\n').length;
  assert(lines <= 150, `${lines} lines`);
});

test('the README names exactly the node types of the package', () => {
  const { nodes } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))['node-red'];
  const named = tableIn('Nodes').map(([type]) => type);
  assert.deepEqual(
    named,
    Object.keys(nodes).map((type) => `\`${type}\``),
  );
});

test('the README names exactly the examples of the package, in the order of the import dialog', () => {
  let group = '';
  const named = tableIn('Examples').map(([first, name]) => {
    if (first) group = first;
    return [group, name];
  });
  const names = exampleNames();
  assert.deepEqual(
    named,
    EXAMPLE_FILES.map((file, index) => [dirname(file), names[index]]),
  );
});
