// After `tsc`: puts beside the compiled nodes what Node-RED looks for there, and makes the font.
import { cpSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { buildFont } from './build-font';

const ROOT = join(__dirname, '..', '..');
const NODES = join(ROOT, 'dist', 'nodes');

for (const file of readdirSync(join(ROOT, 'nodes'))) {
  if (file.endsWith('.html')) cpSync(join(ROOT, 'nodes', file), join(NODES, file));
}
cpSync(join(ROOT, 'nodes', 'locales'), join(NODES, 'locales'), { recursive: true });
cpSync(join(ROOT, 'icons'), join(NODES, 'icons'), { recursive: true });
void buildFont();
