import { once } from 'node:events';
import type { TestContext } from 'node:test';
import type { NatsConfigNode } from '../../nodes/nats/nats-config';
import { type CommsEvent, type RunningNodeRed, startNodeRed } from '../../scripts/node-red';
import { type FlowNode, nodeOf } from './examples';
import { Inbox } from './inbox';
import { isConfig } from './node-files';

/** How long a server may take to answer a PING. */
const LONGEST_MS = 5000;

/** A complete Node-RED with a flow, controlled as from the editor. */
export interface Runtime {
  /** Clicks the button of an Inject node. */
  click(properties: Record<string, unknown>): Promise<void>;
  /** The next message of a Debug node, in the form of the sidebar. */
  debugged(name: string): Promise<string>;
  /** The next frame of the preview. */
  frame(): Promise<Buffer>;
}

/**
 * Starts Node-RED until the test ends, by default with this checkout in a user folder of its own and without further
 * settings; resolves when the NATS nodes are connected and the servers know all subscriptions.
 */
export async function startRuntime(
  t: TestContext,
  flow: FlowNode[],
  userDir?: string,
  settings: object = {},
): Promise<Runtime> {
  const debugged = new Map<string, Inbox<string>>();
  const frames = new Inbox<Buffer>();
  const inbox = (name: string) => {
    const found = debugged.get(name) ?? new Inbox<string>();
    debugged.set(name, found);
    return found;
  };
  const onComms = ({ topic, data }: CommsEvent) => {
    if (topic === 'debug') inbox(String(data?.name)).put(String(data?.msg));
  };

  const connecting = idsOf(flow, ({ type }) => /^nats-/.test(type) && !isConfig(type));
  const subscribing = idsOf(flow, ({ mode }) => mode === 'dynamic');
  const ready = new AbortController();
  const settle = (waiting: Set<string>, id: string) => {
    waiting.delete(id);
    if (connecting.size === 0 && subscribing.size === 0) ready.abort();
  };
  const onStatus = ({ id, status }: { id: string; status: { fill?: string } }) => {
    if (status.fill === 'green') settle(connecting, id);
  };
  const onComplete = ({ node }: { node: { id: string } }) => settle(subscribing, node.id);
  const nodeRed = await startNodeRed(flow, {
    ...(userDir && { userDir }),
    settings,
    listeners: { comms: onComms, 'node-status': onStatus },
    frames: { keys: flow.filter(({ type }) => type === 'sense-led').map(keyOf), onFrame: (frame) => frames.put(frame) },
    hooks: { 'onComplete.ready': onComplete },
  });
  t.after(nodeRed.stop);
  if (connecting.size + subscribing.size > 0) await once(ready.signal, 'abort');
  const used = flow.filter(({ id, type }) => type === 'nats-config' && flow.some(({ server }) => server === id));
  await Promise.all(used.map(({ id }) => serverHasRead(nodeRed, id)));

  return {
    click: async (properties) => {
      await fetch(`${nodeRed.url}inject/${nodeOf(flow, 'inject', properties).id}`, { method: 'POST' });
    },
    debugged: (name) => inbox(name).take(),
    frame: () => frames.take(),
  };
}

/** Resolves when a server has read what its nodes have sent, subscriptions among it. */
async function serverHasRead({ app }: RunningNodeRed, configId: string): Promise<void> {
  // The types of Node-RED do not have it.
  const { getNode } = app.nodes as unknown as { getNode(id: string): NatsConfigNode };
  const config = getNode(configId);
  const onState = () => {};
  await config.join(onState).roundTripMs(LONGEST_MS);
  await config.leave(onState);
}

/** The key of a node's display in messages to the editors. */
function keyOf({ device, canvas, tileX = 0, tileY = 0 }: FlowNode): string {
  return encodeURIComponent((device || (canvas && `tile ${tileX},${tileY} of ${canvas}`) || 'hat') as string);
}

function idsOf(flow: FlowNode[], isWanted: (node: FlowNode) => boolean): Set<string> {
  return new Set(flow.filter(isWanted).map(({ id }) => id));
}
