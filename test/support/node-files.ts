import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const NODES = join(__dirname, '..', '..', 'nodes');

/** The families of nodes: the folders of `nodes` that have dialogs. */
export const FAMILIES = readdirSync(NODES).filter((folder) => typesIn(folder).length > 0);

/** The node types of a family. */
export function typesIn(family: string): string[] {
  return readdirSync(join(NODES, family))
    .filter((file) => file.endsWith('.html'))
    .map((file) => file.replace('.html', ''));
}

/** Whether nodes of a type are config nodes, which have no place in a flow. */
export function isConfig(type: string): boolean {
  const isOurs = FAMILIES.some((family) => typesIn(family).includes(type));
  return isOurs ? nodeHtml(type).includes("category: 'config'") : type.endsWith('-config');
}

/** The html that Node-RED loads for a node. */
export function nodeHtml(type: string): string {
  return readFileSync(join(familyFolder(type), `${type}.html`), 'utf8');
}

/** The folder with the texts of a family, which has a folder for each language. */
export function localesOf(family: string): string {
  return join(NODES, family, 'locales');
}

/** The help of a node. */
export function helpOf(language: string, type: string): string {
  return readFileSync(join(familyFolder(type), 'locales', language, `${type}.html`), 'utf8');
}

/** The family folder of a node type. */
function familyFolder(type: string): string {
  const family = FAMILIES.find((folder) => typesIn(folder).includes(type));
  if (!family) throw new Error(`There is no node ${type}.`);
  return join(NODES, family);
}

/** Texts by section and key. */
type Catalogue = Record<string, Record<string, string>>;

/** The catalogue of a node; empty if it has none. */
export function catalogueOf(language: string, type: string): Catalogue {
  const folder = join(familyFolder(type), 'locales', language);
  if (!readdirSync(folder).includes(`${type}.json`)) return {};
  return JSON.parse(readFileSync(join(folder, `${type}.json`), 'utf8'));
}
