import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { poll } from '../../../scripts/monitoring';
import { makeUserDir } from '../../../scripts/node-red';
import { makeTemporary } from '../../../scripts/temporary';
import type { Call, End, Happening, HostFunctions, Input } from './host';

/** Learns what happens in a Node-RED under test. */
export interface Listener {
  ended(end: End): void;
  /** A node has logged a warning or an error. */
  warned(id: string, text: string): void;
  /** The process has ended, and nothing more is heard of its messages. */
  died?(): void;
}

/** A Node-RED with the pack in processes of its own, so that a scenario can freeze it, kill it and set its clock. */
export interface NodeRedUnderTest {
  /** The process that runs it now, or has run it last. */
  readonly process: ChildProcess;
  /** Whether its flows run. */
  readonly isRunning: boolean;
  /** When the nats-config has connected, by the shared clock. */
  connectedAtMs: number[];
  /** Resolves with the first such time after another one. */
  connectedAfter(ms: number): Promise<number>;
  /** Gives messages to the inputs of nodes, in this order. */
  send(inputs: Input[]): void;
  /** Deploys as the editor does; resolves when the flow has started. */
  deploy(flows: object[], type: 'full' | 'flows' | 'nodes'): Promise<void>;
  /** Lets `Date` jump in the Node-RED. */
  stepClock(byMs: number): Promise<void>;
  /** The open handles by kind. */
  handles(): Promise<Record<string, number>>;
  /** The memory in use after a garbage collection. */
  memoryMiB(): Promise<number>;
  /** Kills the process; resolves when nothing more is heard of it. */
  kill(): Promise<void>;
  /** Starts Node-RED again after its process has ended, with the flows that it had; resolves when they run. */
  restart(): Promise<void>;
  /** Stops Node-RED, then its process. */
  stop(): Promise<void>;
}

/** What the process answers to a call, or tells by itself. */
interface Answer {
  id?: number;
  result?: unknown;
  error?: string;
  happening?: Happening;
}

/** A call that takes longer has failed. */
const CALL_TIMEOUT_MS = 60_000;

/** Starts a Node-RED with some flows, and a context store if there is a config for it; resolves when they run. */
export async function startUnderTest(flows: object[], listener: Listener, context?: object): Promise<NodeRedUnderTest> {
  const userDir = makeUserDir();
  const connectedAtMs: number[] = [];
  let latest = flows;
  const onHappening = (happening: Happening) => {
    if ('ended' in happening) for (const end of happening.ended) listener.ended(end);
    else if ('warning' in happening) listener.warned(happening.id, happening.warning);
    else connectedAtMs.push(happening.connectedAtMs);
  };
  const start = () => startHost(latest, userDir.path, context, onHappening, () => listener.died?.());
  let host = await start();
  return {
    get process() {
      return host.process;
    },
    get isRunning() {
      return !host.hasEnded();
    },
    connectedAtMs,
    connectedAfter: async (ms) => {
      const next = async () => connectedAtMs.find((at) => at >= ms);
      const at = await poll(next, (found) => found !== undefined);
      if (at === undefined) throw new Error('the flow has not connected again');
      return at;
    },
    send: (inputs) => {
      host.call('send', inputs).catch(() => {
        // The messages stay open in the ledgers, which is reported.
      });
    },
    deploy: async (flows, type) => {
      latest = flows;
      await host.call('deploy', flows, type);
    },
    stepClock: async (byMs) => void (await host.call('stepClock', byMs)),
    handles: () => host.call('handles') as Promise<Record<string, number>>,
    memoryMiB: () => host.call('memoryMiB') as Promise<number>,
    kill: () => host.kill(),
    restart: async () => {
      host = await start();
    },
    stop: async () => {
      try {
        if (!host.hasEnded()) await host.call('stop');
      } finally {
        await host.kill();
        userDir.remove();
      }
    },
  };
}

/** A process with Node-RED. */
interface Host {
  process: ChildProcess;
  call(name: keyof HostFunctions, ...args: unknown[]): Promise<unknown>;
  /** Whether nothing more is heard of it. */
  hasEnded(): boolean;
  kill(): Promise<void>;
}

async function startHost(
  flows: object[],
  userDir: string,
  context: object | undefined,
  onHappening: (happening: Happening) => void,
  onEnded: () => void,
): Promise<Host> {
  const child = fork(join(__dirname, 'host.js'), {
    // Before everything else, because others may keep the `Date` that they find.
    execArgv: ['--require', join(__dirname, 'clock.js')],
    // The texts that are looked for in the log are English.
    env: { ...process.env, LC_ALL: 'C.UTF-8' },
  });
  const killProcess = makeTemporary(child);
  const waiting = new Map<number, (answer: Answer) => void>();
  let lastId = 0;
  let hasEnded = false;

  child.on('message', (answer: Answer) => {
    if (answer.happening) onHappening(answer.happening);
    else if (answer.id !== undefined) waiting.get(answer.id)?.(answer);
  });
  // What it has told before its end arrives first.
  const ended = Promise.all([once(child, 'exit'), once(child, 'disconnect')]).then(([[code, signal]]) => {
    hasEnded = true;
    for (const answered of waiting.values()) answered({ error: `Node-RED ended with ${signal ?? code}` });
    onEnded();
  });
  const call = (name: keyof HostFunctions, ...args: unknown[]): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const id = ++lastId;
      const fail = (reason: string) => finish({ error: `${name}: ${reason}` });
      const timer = setTimeout(() => fail(`no answer within ${CALL_TIMEOUT_MS / 1000} s`), CALL_TIMEOUT_MS);
      const finish = ({ result, error }: Answer) => {
        clearTimeout(timer);
        waiting.delete(id);
        if (error === undefined) resolve(result);
        else reject(new Error(error));
      };
      waiting.set(id, finish);
      child.send({ id, name, args } satisfies Call, (error) => error && fail(error.message));
    });
  const kill = async () => {
    await killProcess();
    await ended;
  };
  try {
    await call('start', flows, userDir, context);
  } catch (error) {
    await kill();
    throw error;
  }
  return { process: child, call, hasEnded: () => hasEnded, kill };
}
