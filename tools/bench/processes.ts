import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

// biome-ignore lint/suspicious/noExplicitAny: whatever can be sent to another process
type Functions = Record<string, (...args: any[]) => unknown>;

/** The functions of another process. */
type Remote<F> = {
  [Name in keyof F]: F[Name] extends (...args: infer Args) => infer Result
    ? (...args: Args) => Promise<Awaited<Result>>
    : never;
};

interface Call {
  id: number;
  name: string;
  args: unknown[];
}

interface Answer {
  id: number;
  result?: unknown;
  error?: string;
}

/** A call that takes longer has failed, because a message was lost. */
const CALL_TIMEOUT_MS = 180_000;

const READY = 'ready';

/** A running process that `serve`s functions. */
export interface Worker<F> {
  call: Remote<F>;
  stop(): Promise<void>;
}

/** Starts a module of this folder in a process of its own; resolves when it is ready. */
export async function startWorker<F extends Functions>(module: string, args: string[] = []): Promise<Worker<F>> {
  const child = fork(join(__dirname, `${module}.js`), args, {
    serialization: 'advanced',
    execArgv: ['--expose-gc', ...(process.env.BENCH_EXEC_ARGV?.split(' ') ?? [])],
  });
  const waiting = new Map<number, (answer: Answer) => void>();
  let ids = 0;
  const ended = once(child, 'exit').then(() => Promise.reject(new Error(`${module} did not start`)));
  ended.catch(() => {});
  await Promise.race([once(child, 'message'), ended]);
  child.on('message', (answer: Answer) => waiting.get(answer.id)?.(answer));
  child.on('exit', (code) => {
    for (const [id, answered] of waiting) answered({ id, error: `${module} ended with ${code}` });
  });
  const call = new Proxy({} as Remote<F>, {
    // Without a `then`, because a value that has one is taken for a promise.
    get: (_, name: string) => (name === 'then' ? undefined : (...args: unknown[]) => ask({ id: ++ids, name, args })),
  });
  const ask = (request: Call) =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`${module} does not answer ${request.name}`)), CALL_TIMEOUT_MS);
      waiting.set(request.id, ({ id, result, error }) => {
        clearTimeout(timer);
        waiting.delete(id);
        if (error === undefined) resolve(result);
        else reject(new Error(error));
      });
      child.send(request);
    });
  return { call, stop: () => end(child) };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.disconnect();
  await ended;
}

/** Offers functions to the process that started this one, and ends with it. */
export function serve(functions: Functions): void {
  process.on('message', async ({ id, name, args }: Call) => {
    try {
      process.send?.({ id, result: await functions[name]?.(...args) });
    } catch (error) {
      process.send?.({ id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    }
  });
  // Ctrl-C reaches this process as well.
  for (const event of ['disconnect', 'SIGINT']) process.on(event, () => process.exit());
  process.send?.(READY);
}
