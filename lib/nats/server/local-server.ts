import { setTimeout as delay } from 'node:timers/promises';
import { type Backoff, backoffMs } from '../../backoff';
import { CodedError, shown } from '../../coded-error';
import { checkVersion, findNatsServer, programVersion } from './find-server';
import { isReady, type LogLine, parseLogLine } from './log-line';
import { portOwner } from './port-owner';
import { type Exit, startServer, writeConfig } from './server-process';
import type { ServerSettings } from './server-settings';

/** What happens to a server of this machine. */
export interface LocalServerListener {
  /** It accepts connections; `version` is `MAJOR.MINOR.PATCH`. */
  onReady(version: string): void;
  onLog(line: LogLine): void;
  /** It has ended, by itself or because it was stopped. */
  onExit(exit: Exit): void;
  /** It does not run, or cannot be started: tried again until it is closed. */
  onFailure(error: CodedError): void;
}

const RETRIES: Backoff = { firstMs: 250, longestMs: 15_000 };

/** A server that has run for this long has started well. */
const GOOD_START_MS = 10_000;

/** How long the server of a Node-RED that was killed may keep the port while it ends. */
const LONGEST_END_MS = 5000;
const LOOK_AGAIN_MS = 100;

const ADDRESS_IN_USE = /address already in use|Only one usage of each socket address/;

/** The folders of streams that are in use: two servers in one folder would damage them. */
const usedFolders = new Set<string>();

/** Runs the `nats-server` of this machine until it is closed; starts it again if it ends. */
export class LocalServer {
  private readonly closing = new AbortController();
  private waiting = new AbortController();
  private readonly running: Promise<void>;

  constructor(
    private readonly settings: ServerSettings,
    private readonly listener: LocalServerListener,
    private readonly find = findNatsServer,
  ) {
    this.running = this.keepRunning();
  }

  /** Stops the server; resolves when it has ended. */
  close(): Promise<void> {
    this.closing.abort();
    this.retry();
    return this.running;
  }

  /** If the server does not run, tries again at once. */
  retry(): void {
    this.waiting.abort();
  }

  private async keepRunning(): Promise<void> {
    const { signal } = this.closing;
    let attempt = 0;
    while (!signal.aborted) {
      const startedAt = performance.now();
      try {
        await this.runOnce();
      } catch (error) {
        if (signal.aborted) return;
        this.listener.onFailure(codedError(error));
      }
      if (performance.now() - startedAt > GOOD_START_MS) attempt = 0;
      if (signal.aborted) return;
      this.waiting = new AbortController();
      await delay(backoffMs(attempt++, RETRIES), undefined, { signal: this.waiting.signal }).catch(() => {});
    }
  }

  /** Runs the server until it ends. Throws why it cannot be started, or that it has ended by itself. */
  private async runOnce(): Promise<void> {
    const { signal } = this.closing;
    const { storeDir, configFile, port } = this.settings;
    const program = this.find();
    if (!program) throw new CodedError('NO_PROGRAM');
    const version = await programVersion(program);
    checkVersion(program, version);
    await this.waitForPort();
    if (storeDir !== undefined && usedFolders.has(storeDir)) {
      throw new CodedError('BAD_FOLDER-taken', { path: shown(storeDir) });
    }
    if (signal.aborted) return;
    if (storeDir !== undefined) usedFolders.add(storeDir);
    try {
      await writeConfig(this.settings);
      if (signal.aborted) return;
      const reason = await this.runProgram(program, configFile, version);
      if (signal.aborted) return;
      if (ADDRESS_IN_USE.test(reason)) throw new CodedError('PORT_TAKEN', { port });
      throw new CodedError('SERVER_ENDED', { reason });
    } finally {
      if (storeDir !== undefined) usedFolders.delete(storeDir);
    }
  }

  /** Resolves when the program has ended, with the reason. */
  private async runProgram(program: string, configFile: string, version: string): Promise<string> {
    let lastError = '';
    const process = startServer(program, configFile, (text) => {
      const line = parseLogLine(text);
      if (line.isError || line.text === line.message) lastError = line.message;
      this.listener.onLog(line);
      if (isReady(line)) this.listener.onReady(version);
    });
    const { signal } = this.closing;
    signal.addEventListener('abort', process.stop);
    const exit = await process.ended;
    signal.removeEventListener('abort', process.stop);
    this.listener.onExit(exit);
    return lastError || (typeof exit === 'number' ? `exit code ${exit}` : exit);
  }

  /** Resolves when nothing listens on the port. Throws `PORT_TAKEN`. */
  private async waitForPort(): Promise<void> {
    const { signal } = this.closing;
    const { port } = this.settings;
    let wasForeign = false;
    for (const endsAt = performance.now() + LONGEST_END_MS; !signal.aborted; ) {
      const owner = await portOwner(port);
      if (!owner) return;
      const { version } = owner;
      // A NATS server that is killed while it is asked has had no time to greet.
      if (version === undefined && wasForeign) throw new CodedError('PORT_TAKEN', { port });
      wasForeign = version === undefined;
      if (version && performance.now() > endsAt) throw new CodedError('PORT_TAKEN-nats', { port, version });
      await delay(LOOK_AGAIN_MS, undefined, { signal }).catch(() => {});
    }
  }
}

function codedError(error: unknown): CodedError {
  if (error instanceof CodedError) return error;
  return new CodedError('SERVER_ENDED', { reason: (error as Error).message }, { cause: error });
}
