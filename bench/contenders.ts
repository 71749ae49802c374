import type { Brokers } from './brokers';
import type { DialectName } from './dialects';
import type { FlowOptions } from './flows';
import { type HostFunctions, subjectsOf } from './host';
import type { LoadFunctions } from './load';
import { startWorker, type Worker } from './processes';

/** One way to do a thing, in a process of its own. */
export interface Contender {
  name: string;
  id: string;
  dialect: DialectName;
  port: number;
  worker: Worker<HostFunctions>;
}

/** The client alone, the least nodes one can write, this pack in its ways, and what Node-RED brings for MQTT. */
export const CLIENT = 'client alone';
export const FLOOR = 'floor';
export const BATCH = 'pack, batches of 100';
const FLOWS: Record<string, Pick<FlowOptions, 'nodes' | 'confirm' | 'batch'>> = {
  [FLOOR]: { nodes: 'floor' },
  pack: { nodes: 'pack' },
  'pack, confirm': { nodes: 'pack', confirm: true },
  [BATCH]: { nodes: 'pack', batch: 100 },
  'core MQTT': { nodes: 'mqtt' },
};

/** Starts all contenders that there are brokers for, one after the other. */
export async function startContenders(brokers: Brokers, load: Worker<LoadFunctions>['call']): Promise<Contender[]> {
  const contenders: Contender[] = [];
  for (const [index, name] of [CLIENT, ...Object.keys(FLOWS)].entries()) {
    const flow = FLOWS[name];
    const dialect = flow?.nodes === 'mqtt' ? 'mqtt' : 'nats';
    const port = brokers[dialect]?.port;
    if (port === undefined) continue;
    // Of one length, as it is part of each message.
    const id = `c${index}`;
    const worker = flow
      ? await startWorker<HostFunctions>('node-red-host', [JSON.stringify({ ...flow, id, port })])
      : await startWorker<HostFunctions>('client-host', [String(port), id]);
    const subjects = subjectsOf(id);
    await load.probe({ dialect, port, subject: subjects.in, answerSubject: subjects.out });
    contenders.push({ name, id, dialect, port, worker });
  }
  return contenders;
}

export async function stopContenders(contenders: Contender[]): Promise<void> {
  for (const { worker } of contenders) await worker.stop();
}
