import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

const FOLDER = join(__dirname, '..', '..', '..', 'examples');

/** A node in a flow file. */
export interface FlowNode {
  id: string;
  type: string;
  z?: string;
  wires?: string[][];
  [property: string]: unknown;
}

/** The paths of the examples in their folder, in the order of the import dialog. */
export const EXAMPLE_FILES = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.json'))
  .sort();

/** The name of an example, without the number for its order in the import dialog. */
const nameOf = (file: string) => basename(file, '.json').replace(/^\d /, '');

/** The names of all examples, in the order of the import dialog. */
export function exampleNames(): string[] {
  return EXAMPLE_FILES.map(nameOf);
}

/** The nodes of an example, with this address as its server. */
export function exampleFlow(name: string, servers = 'nats://localhost:4222'): FlowNode[] {
  const file = EXAMPLE_FILES.find((other) => nameOf(other) === name);
  if (!file) throw new Error(`There is no example ${name}.`);
  const nodes = JSON.parse(readFileSync(join(FOLDER, file), 'utf8')) as FlowNode[];
  return nodes.map((node) => (node.type === 'nats-config' ? { ...node, servers } : node));
}

/** The first node of a type with these properties. */
export function nodeOf(flow: FlowNode[], type: string, properties: Record<string, unknown> = {}): FlowNode {
  const wanted = Object.entries(properties);
  const found = flow.find((node) => node.type === type && wanted.every(([name, value]) => node[name] === value));
  if (!found) throw new Error(`The flow has no node ${type} with ${JSON.stringify(properties)}.`);
  return found;
}

/** The file name of an example's picture in the documentation. */
export function pictureOf(name: string): string {
  return `${name.toLowerCase().replaceAll(/\W+/g, '-')}.webp`;
}
