import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { EXAMPLE_FILES, exampleNames, pictureOf } from '../support/examples';

const ROOT = join(__dirname, '..', '..', '..');
const DOCS = join(ROOT, 'docs');
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

test('the page of examples has each of the package, in the order of the import dialog, with a small picture', () => {
  const [, ...sections] = readFileSync(join(DOCS, 'examples.md'), 'utf8').split(/^## /m);
  const rows = sections.flatMap((section) => {
    const [group] = section.split('\n');
    const examples = section.matchAll(
      /^\| \*\*(.+?)\*\*: .+ \| \[!\[(.+)\]\(examples\/(.+)\)\]\(examples\/(.+)\) \|$/gm,
    );
    return Array.from(examples, ([, ...cells]) => [group, ...cells]);
  });
  const expected = EXAMPLE_FILES.map((file, index) => {
    const name = exampleNames()[index] as string;
    return [dirname(file), name, name, pictureOf(name), pictureOf(name)];
  });
  assert.deepEqual(rows, expected);
  const pictures = readdirSync(join(DOCS, 'examples'));
  assert.deepEqual(pictures.sort(), exampleNames().map(pictureOf).sort());
  const bytes = pictures.map((file) => statSync(join(DOCS, 'examples', file)).size);
  assert(bytes.reduce((sum, size) => sum + size) < 2_000_000);
});

test('the moving pictures are small', () => {
  for (const file of ['demo.webp', 'wall.webp']) assert(statSync(join(DOCS, file)).size < 1_000_000, file);
});
