import type { Brokers } from './brokers';
import type { DialectName } from './dialects';
import type { HostFunctions } from './host';
import { type HostOptions, subjectsOf } from './host-options';
import type { LoadFunctions } from './load';
import { startWorker, type Worker } from './processes';

/** One implementation to measure, in a process of its own. */
export interface Contender {
  name: string;
  options: HostOptions;
  dialect: DialectName;
  worker: Worker<HostFunctions>;
}

/** The client alone, minimal nodes, this pack in its variants, and Node-RED's own MQTT nodes. */
export const CLIENT = 'client alone';
export const FLOOR = 'floor';
export const PACK = 'pack';
export const CONFIRM = 'pack, confirm';
export const BATCH = 'pack, batches of 100';
const MQTT = 'core MQTT';

/** The client with plain requests and subscriptions instead of its libraries for streams, buckets and objects. */
export const PLAIN = 'plain requests';

type ContenderName = keyof typeof CONTENDERS;
const CONTENDERS = {
  [CLIENT]: { nodes: 'client' },
  [FLOOR]: { nodes: 'floor' },
  [PACK]: { nodes: 'pack' },
  [CONFIRM]: { nodes: 'pack', confirm: true },
  [BATCH]: { nodes: 'pack', batch: 100 },
  [MQTT]: { nodes: 'mqtt' },
} satisfies Record<string, Partial<HostOptions>>;

/** The brokers and the load that contenders share. */
export interface Arena {
  brokers: Brokers;
  load: Worker<LoadFunctions>['call'];
}

/** Starts a contender; resolves when a message has passed through it. */
export async function startContender(
  { brokers, load }: Arena,
  name: ContenderName,
  own: Partial<HostOptions> & { id: string },
): Promise<Contender> {
  const dialect = name === MQTT ? 'mqtt' : 'nats';
  const { port } = brokers[dialect] ?? {};
  if (port === undefined) throw new Error(`There is no broker for ${name}.`);
  const options: HostOptions = { ...CONTENDERS[name], port, ...own };
  const host = options.nodes === 'client' ? 'client-host' : 'node-red-host';
  const worker = await startWorker<HostFunctions>(host, [JSON.stringify(options)]);
  const { in: inputs, out } = subjectsOf(options);
  await load.probe({ dialect, port, subject: inputs.at(-1) as string, answerSubject: out });
  return { name, options, dialect, worker };
}

/** Starts all contenders whose broker is installed, one after the other. */
export async function startContenders(arena: Arena): Promise<Contender[]> {
  const contenders: Contender[] = [];
  for (const [index, name] of (Object.keys(CONTENDERS) as ContenderName[]).entries()) {
    if (name === MQTT && !arena.brokers.mqtt) continue;
    // Ids have the same length, because they are part of each message.
    contenders.push(await startContender(arena, name, { id: `c${index}` }));
  }
  return contenders;
}

export async function stopContenders(contenders: Contender[]): Promise<void> {
  for (const { worker } of contenders) await worker.stop();
}
