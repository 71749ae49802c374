// Runs after `tsc`: puts the dialogs, locales and icons beside the compiled nodes, and makes the font.
import { cpSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { NATS_TEXTS, SENSE_HAT_TEXTS } from '../nodes/shared/catalogue';
import { buildFont } from './build-font';
import { assembleCatalogue, assembleHtml } from './dialogs';

const ROOT = join(__dirname, '..', '..');
const NODES = join(ROOT, 'nodes');
const SHARED = join(NODES, 'shared');

/** The families whose rows and paragraphs a family uses beside its own. */
const USED: Record<string, string[]> = { jetstream: ['nats'] };

/** The catalogues that get the texts that all families share. */
const FAMILY_CATALOGUES = [NATS_TEXTS, SENSE_HAT_TEXTS].map((catalogue) => `${basename(catalogue)}.json`);

function dialogsOf(family: string): string[] {
  return readdirSync(join(NODES, family)).filter((file) => file.endsWith('.html'));
}

/** A folder of a family and of those that it uses. */
function foldersOf(family: string, folder: string): string[] {
  return [family, ...(USED[family] ?? [])].map((name) => join(NODES, name, folder));
}

function buildDialogs(family: string, target: string): void {
  const rows = [...foldersOf(family, 'rows'), join(SHARED, 'rows')];
  for (const file of dialogsOf(family)) {
    writeFileSync(join(target, file), assembleHtml(join(NODES, family, file), 'row', rows));
  }
}

function buildLocale(family: string, language: string, target: string): void {
  const source = join(NODES, family, 'locales', language);
  const paragraphs = foldersOf(family, join('help', language));
  const texts = join(SHARED, 'locales', `${language}.json`);
  mkdirSync(target, { recursive: true });
  for (const file of readdirSync(source)) {
    const [from, to] = [join(source, file), join(target, file)];
    if (file.endsWith('.html')) writeFileSync(to, assembleHtml(from, 'help', paragraphs));
    else if (FAMILY_CATALOGUES.includes(file)) writeFileSync(to, assembleCatalogue(from, texts));
    else cpSync(from, to);
  }
}

for (const family of readdirSync(NODES)) {
  if (dialogsOf(family).length === 0) continue;
  const target = join(ROOT, 'dist', 'nodes', family);
  buildDialogs(family, target);
  for (const language of readdirSync(join(NODES, family, 'locales'))) {
    buildLocale(family, language, join(target, 'locales', language));
  }
  cpSync(join(ROOT, 'icons'), join(target, 'icons'), { recursive: true });
}
void buildFont();
