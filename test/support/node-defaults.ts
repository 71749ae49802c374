import { nodeHtml } from './node-files';

/** The node types of the pack, without config nodes. */
export const FLOW_NODES = [
  'nats-publish',
  'nats-subscribe',
  'nats-queue-subscribe',
  'nats-request',
  'nats-respond',
  'nats-server',
  'nats-consume',
  'nats-ack',
  'nats-kv',
  'nats-kv-watch',
  'nats-object',
  'sense-led',
  'sense-joystick',
  'sense-sensors',
];

interface EditorDefinition {
  defaults: Record<string, { value: unknown }>;
  credentials?: Record<string, unknown>;
}

/** The properties of a new node, read from the `defaults` in its html. */
export function nodeDefaults(type: string): Record<string, unknown> {
  const { defaults } = editorDefinition(type);
  return Object.fromEntries(Object.entries(defaults).map(([name, { value }]) => [name, value]));
}

/** The names of a node's secrets, read from the `credentials` in its html. */
export function nodeCredentials(type: string): string[] {
  return Object.keys(editorDefinition(type).credentials ?? {});
}

function editorDefinition(type: string): EditorDefinition {
  const script = /<script type="text\/javascript">(.*?)<\/script>/s.exec(nodeHtml(type))?.[1];
  if (!script) throw new Error(`${type}.html has no editor script.`);
  const definitions = new Map<string, EditorDefinition>();
  const RED = {
    nodes: { registerType: (name: string, definition: EditorDefinition) => definitions.set(name, definition) },
  };
  new Function('RED', script)(RED);
  const definition = definitions.get(type);
  if (!definition) throw new Error(`${type}.html does not register ${type}.`);
  return definition;
}
