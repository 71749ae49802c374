// User folders of Node-RED with a pack installed, as the palette manager installs it: without links.
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeTemporaryFolder, type TemporaryFolder } from '../../scripts/temporary';

const ROOT = join(__dirname, '..', '..', '..');

interface Pack {
  name: string;
  files: string[];
  'node-red': { nodes: Record<string, string> };
}

const readPack = (): Pack => JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));

/** Installs the files of this pack; its dependencies are not needed before a flow has one of its nodes. */
export function installPack(): TemporaryFolder {
  const { name, files } = readPack();
  const folder = makeTemporaryFolder('node-red');
  for (const file of ['package.json', ...files]) {
    cpSync(join(ROOT, file), join(folder.path, 'node_modules', name, file), { recursive: true });
  }
  return folder;
}

/**
 * Installs a pack that has the node types of this one, all of them empty, each with its own files and an empty catalogue:
 * what Node-RED itself takes for as many types.
 */
export function installEmptyPack(): TemporaryFolder {
  const types = Object.keys(readPack()['node-red'].nodes);
  const folder = makeTemporaryFolder('node-red');
  const pack = join(folder.path, 'node_modules', 'empty-pack');
  const catalogues = join(pack, 'locales', 'en-US');
  mkdirSync(catalogues, { recursive: true });
  const nodes = Object.fromEntries(types.map((type) => [type, `${type}.js`]));
  const details = { name: 'empty-pack', version: '1.0.0', 'node-red': { nodes } };
  writeFileSync(join(pack, 'package.json'), JSON.stringify(details));
  for (const type of types) {
    const node = 'function (def) { RED.nodes.createNode(this, def); }';
    writeFileSync(join(pack, `${type}.js`), `module.exports = (RED) => RED.nodes.registerType('${type}', ${node});\n`);
    writeFileSync(join(pack, `${type}.html`), `<script type="text/html" data-template-name="${type}"></script>\n`);
    writeFileSync(join(catalogues, `${type}.json`), '{}\n');
  }
  return folder;
}
