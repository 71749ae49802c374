// Runs after `tsc`: copies the dialogs, locales and icons beside the compiled nodes, and makes the font.
import { cpSync, existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { buildFont } from './build-font';

const ROOT = join(__dirname, '..', '..');

for (const family of readdirSync(join(ROOT, 'nodes'))) {
  const source = join(ROOT, 'nodes', family);
  const target = join(ROOT, 'dist', 'nodes', family);
  const dialogs = readdirSync(source).filter((file) => file.endsWith('.html'));
  if (dialogs.length === 0) continue;
  for (const file of dialogs) cpSync(join(source, file), join(target, file));
  if (existsSync(join(source, 'locales')))
    cpSync(join(source, 'locales'), join(target, 'locales'), { recursive: true });
  cpSync(join(ROOT, 'icons'), join(target, 'icons'), { recursive: true });
}
void buildFont();
