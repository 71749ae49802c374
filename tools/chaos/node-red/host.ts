// The process with the Node-RED under test.
import { once } from 'node:events';
import type { Node, NodeRedApp } from 'node-red';
import contextStore from '../../../context';
import { type RunningNodeRed, startNodeRed } from '../../../scripts/node-red';
import { stepClock } from './clock';
import { handles, memoryMiB, sharedClockMs } from './measure';

/** A message of a flow: `number` is its number in the stream, with which its payload begins. */
export interface Message {
  number: number;
  payload: string;
  topic?: string;
}

/** A message for the input of a node. */
export interface Input {
  id: string;
  msg: Message;
}

/** A node has ended the handling of a message: with an error, or it has completed. */
export interface End {
  id: string;
  /** The message's number in its stream; only a message that was sent from here has one. */
  number?: number | undefined;
  /** The number with which its payload begins. */
  numberInPayload: number;
  /** How often a consumed message has been delivered. */
  delivered?: number | undefined;
  code?: string | undefined;
}

/** What happens in the Node-RED, as it is sent to the process that started it. */
export type Happening =
  | { ended: End[] }
  | { warning: string; id: string }
  /** The nats-config has connected, at this time of the shared clock. */
  | { connectedAtMs: number };

/** The event for the end of an input: https://nodered.org/docs/api/hooks/messaging/#oncomplete */
interface Ended {
  msg: Partial<Message> & { nats?: { delivered?: number } };
  error?: { code?: string; message: string };
  node: { id: string };
}

interface LogEntry {
  id?: string;
  type?: string;
  level: number;
  msg?: unknown;
}

const WARN_LEVEL = 30;

let nodeRed: RunningNodeRed;
const ended: End[] = [];

function tell(happening: Happening): void {
  process.send?.({ happening });
}

function onComplete({ msg: { number, payload, nats }, error, node }: Ended): void {
  // What one turn of the event loop ends is told together.
  if (ended.length === 0) setImmediate(() => tell({ ended: ended.splice(0) }));
  const code = error && (error.code ?? error.message);
  const numberInPayload = Number.parseInt(String(payload), 10);
  ended.push({ id: node.id, number, numberInPayload, delivered: nats?.delivered, code });
}

function onLog({ id, type, level, msg }: LogEntry): void {
  if (id === undefined) return;
  if (level <= WARN_LEVEL) tell({ warning: String(msg), id });
  else if (type === 'nats-config' && String(msg).startsWith('Connected ')) tell({ connectedAtMs: sharedClockMs() });
}

/** Keeps the process busy, as a slow Function node does. */
function work(ms: number): void {
  const endAt = performance.now() + ms;
  while (performance.now() < endAt);
}

/** Ends the process, as Node-RED does when an exception is thrown where nobody catches it. */
function crash(): void {
  process.exit(1);
}

const functions = {
  start: async (flows: object[], userDir: string, context?: object) => {
    nodeRed = await startNodeRed(flows, {
      userDir,
      settings: {
        logging: { chaos: { level: 'info', handler: () => onLog } },
        functionGlobalContext: { work, crash },
        ...(context && {
          contextStorage: { default: { module: 'memory' }, shared: { module: contextStore, config: context } },
        }),
      },
      hooks: { 'onComplete.chaos': onComplete },
    });
  },
  send: (inputs: Input[]) => {
    const nodes = nodeRed.app.nodes as unknown as { getNode(id: string): Node };
    for (const { id, msg } of inputs) nodes.getNode(id).receive(msg as never);
  },
  /** Deploys as the editor does; resolves when the flow has started. */
  deploy: async (flows: object[], deploymentType: 'full' | 'flows' | 'nodes') => {
    const { runtime, events } = nodeRed.app as NodeRedApp & { runtime: Runtime };
    const started = once(events, 'flows:started');
    await runtime.flows.setFlows({ flows: { flows }, deploymentType });
    await started;
  },
  stepClock,
  handles,
  memoryMiB,
  stop: () => nodeRed.stop(),
};

/** The part of the runtime that the editor's API calls: https://nodered.org/docs/api/modules/v/1.3/@node-red_runtime */
interface Runtime {
  flows: { setFlows(options: { flows: { flows: object[] }; deploymentType: string }): Promise<unknown> };
}

/** What this process does for the one that started it. */
export type HostFunctions = typeof functions;

/** A call of one of the functions. */
export interface Call {
  id: number;
  name: keyof HostFunctions;
  args: unknown[];
}

process.on('message', async ({ id, name, args }: Call) => {
  try {
    const result = await (functions[name] as (...args: unknown[]) => unknown)(...args);
    process.send?.({ id, result });
  } catch (error) {
    process.send?.({ id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  }
});
for (const event of ['disconnect', 'SIGINT']) process.on(event, () => process.exit());
