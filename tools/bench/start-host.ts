// A process that starts Node-RED and measures the start.
import { makeTemporaryFolder } from '../../scripts/temporary';
import { installEmptyPack, installPack } from './installed';
import { Line } from './line';
import { startBench } from './node-red';
import { serve } from './processes';

/** The measurements of a start. */
export interface Start {
  /** The time until the flows run. */
  ms: number;
  cpuMs: number;
  rssMiB: number;
  /** The memory that JavaScript uses after a garbage collection. */
  heapMiB: number;
}

/** What is installed when Node-RED starts. */
const INSTALLED = { nothing: () => makeTemporaryFolder('node-red'), empty: installEmptyPack, pack: installPack };
export type Installed = keyof typeof INSTALLED;

/** Starts Node-RED with a flow that uses no node of the pack. */
async function start(installed: Installed): Promise<Start> {
  const { path: userDir, remove } = INSTALLED[installed]();
  const startedAt = performance.now();
  const cpu = process.cpuUsage();
  const { stop } = await startBench([{ id: 'tab', type: 'tab', label: 'bench' }], () => {}, { userDir });
  const ms = performance.now() - startedAt;
  const { user, system } = process.cpuUsage(cpu);
  const rssMiB = process.memoryUsage.rss() / 2 ** 20;
  gc?.();
  const { heapUsed, external } = process.memoryUsage();
  await stop();
  remove();
  return { ms, cpuMs: (user + system) / 1000, rssMiB, heapMiB: (heapUsed + external) / 2 ** 20 };
}

/** Milliseconds from the creation of the nodes until the first message on `subject` arrives. */
async function ready(flows: object[], port: number, subject: string): Promise<number> {
  let startedAt = 0;
  let resolve = () => {};
  const received = new Promise<void>((done) => {
    resolve = done;
  });
  const line = await Line.open('nats', port);
  const probe = line.dialect.frame(subject, Buffer.from('ready?'));
  const listeners = {
    'flows:starting': () => {
      startedAt = performance.now();
    },
  };
  const timer = setInterval(() => line.write(probe), 2);
  const { stop } = await startBench(flows, resolve, { listeners });
  await received;
  const ms = performance.now() - startedAt;
  clearInterval(timer);
  await line.close();
  await stop();
  return ms;
}

const functions = { start, ready };
export type StartFunctions = typeof functions;

if (require.main === module) serve(functions);
