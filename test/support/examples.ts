import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

const FOLDER = join(__dirname, '..', '..', '..', 'examples');

/** A node as it stands in a flow. */
export interface FlowNode {
  id: string;
  type: string;
  z?: string;
  wires?: string[][];
  [property: string]: unknown;
}

/** The names of all examples, as the import dialog shows them. */
export function exampleNames(): string[] {
  return readdirSync(FOLDER).map((file) => basename(file, '.json'));
}

/** The nodes of an example, with the server's address put in. */
export function exampleFlow(name: string, servers = 'nats://localhost:4222'): FlowNode[] {
  const nodes = JSON.parse(readFileSync(join(FOLDER, `${name}.json`), 'utf8')) as FlowNode[];
  return nodes.map((node) => (node.type === 'nats-config' ? { ...node, servers } : node));
}

/** The first node of a type that has some properties. */
export function nodeOf(flow: FlowNode[], type: string, properties: Record<string, unknown> = {}): FlowNode {
  const wanted = Object.entries(properties);
  const found = flow.find((node) => node.type === type && wanted.every(([name, value]) => node[name] === value));
  if (!found) throw new Error(`The flow has no node ${type} with ${JSON.stringify(properties)}.`);
  return found;
}
