import { nodeHtml } from './node-files';

/** The node types of the pack, without config nodes. */
export const FLOW_NODES = [
  'nats-publish',
  'nats-subscribe',
  'nats-queue-subscribe',
  'nats-request',
  'nats-respond',
  'sense-led',
  'sense-joystick',
];

interface EditorDefinition {
  defaults: Record<string, { value: unknown }>;
}

/** The properties of a new node, read from the `defaults` in its html. */
export function nodeDefaults(type: string): Record<string, unknown> {
  const script = /<script type="text\/javascript">(.*?)<\/script>/s.exec(nodeHtml(type))?.[1];
  if (!script) throw new Error(`${type}.html has no editor script.`);
  const definitions = new Map<string, EditorDefinition>();
  const RED = {
    nodes: { registerType: (name: string, definition: EditorDefinition) => definitions.set(name, definition) },
  };
  new Function('RED', script)(RED);
  const definition = definitions.get(type);
  if (!definition) throw new Error(`${type}.html does not register ${type}.`);
  return Object.fromEntries(Object.entries(definition.defaults).map(([name, { value }]) => [name, value]));
}
