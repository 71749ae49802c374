import { GCProfiler } from 'node:v8';
import type { DialectName } from './dialects';
import { type HostOptions, subjectsOf } from './host-options';
import { Line } from './line';
import { payloadOf } from './load';

/** How long a credit and an acknowledgement are. */
export const TOKEN_LENGTH = 1;

/** What a process has used since it was asked before. */
interface Usage {
  /** Of all its threads, in microseconds. */
  cpuUs: number;
  rssMiB: number;
}

/** What a contender does on its side of the broker. */
interface Side {
  /** Publishes so many messages. */
  publish(payload: string, count: number): void;
  /** Asks a question and calls `onReply` with each reply. */
  ask(payload: string): void;
}

/** Where a contender runs: what the benchmark tells it, and what it tells the benchmark. */
export class Host {
  private payload = '';
  private unit = 1;
  private unacknowledged = 0;
  private line: Line | undefined;
  private cpu = process.cpuUsage();
  private profiler: GCProfiler | undefined;
  private onReply = () => {};

  private readonly dialect: DialectName;
  private readonly port: number;
  private readonly subjects: ReturnType<typeof subjectsOf>;

  constructor(options: HostOptions) {
    this.dialect = options.nodes === 'mqtt' ? 'mqtt' : 'nats';
    this.port = options.port;
    this.subjects = subjectsOf(options);
  }

  /** Begins to do what it is told; resolves when the broker knows. */
  async open(side: Side) {
    this.line = await Line.open(this.dialect, this.port, {
      subject: this.subjects.credit,
      payloadLength: TOKEN_LENGTH,
      onFrames: (frames) => side.publish(this.payload, frames * this.unit),
    });
    return {
      prepare: (payloadLength: number, unit: number) => this.prepare(payloadLength, unit),
      ask: (count: number, outstanding: number) => this.ask(side, count, outstanding),
      usage: () => this.usage(),
      startAllocations: () => this.startAllocations(),
      stopAllocations: () => this.stopAllocations(),
      heap: () => this.heap(),
    };
  }

  /** So many messages have come to a subscriber. */
  received(count: number): void {
    this.unacknowledged += count;
    const acks = Math.floor(this.unacknowledged / this.unit);
    if (acks === 0 || !this.line) return;
    this.unacknowledged -= acks * this.unit;
    const ack = this.line.dialect.frame(this.subjects.ack, payloadOf(TOKEN_LENGTH));
    for (let n = 0; n < acks; n++) this.line.write(ack);
  }

  /** A reply has come to one who asked. */
  replied(): void {
    this.onReply();
  }

  private prepare(payloadLength: number, unit: number): void {
    this.payload = payloadOf(payloadLength).toString();
    this.unit = unit;
    this.unacknowledged = 0;
  }

  /** Asks so many questions, so many at a time; the seconds that took. */
  private async ask(side: Side, count: number, outstanding: number): Promise<number> {
    let asked = 0;
    let replied = 0;
    const startedAt = performance.now();
    await new Promise<void>((resolve) => {
      this.onReply = () => {
        if (++replied === count) resolve();
        else if (asked < count) next();
      };
      const next = () => {
        asked++;
        side.ask(this.payload);
      };
      while (asked < Math.min(outstanding, count)) next();
    });
    return (performance.now() - startedAt) / 1000;
  }

  private usage(): Usage {
    const { user, system } = process.cpuUsage(this.cpu);
    this.cpu = process.cpuUsage();
    return { cpuUs: user + system, rssMiB: process.memoryUsage.rss() / 2 ** 20 };
  }

  private startAllocations(): void {
    this.profiler = new GCProfiler();
    this.profiler.start();
    gc?.();
  }

  /** How many bytes JavaScript has allocated since then. */
  private stopAllocations(): number {
    gc?.();
    const { statistics } = (this.profiler as GCProfiler).stop() as unknown as GcProfile;
    let bytes = 0;
    for (const [index, { beforeGC }] of statistics.entries()) {
      const last = statistics[index - 1];
      if (last) bytes += beforeGC.heapStatistics.usedHeapSize - last.afterGC.heapStatistics.usedHeapSize;
    }
    return bytes;
  }

  /** What is in use after a collection, in MiB. */
  private heap(): { heapMiB: number; rssMiB: number } {
    gc?.();
    gc?.(); // Buffers that the first one finds free are freed by the next one.
    const { heapUsed, external, rss } = process.memoryUsage();
    return { heapMiB: (heapUsed + external) / 2 ** 20, rssMiB: rss / 2 ** 20 };
  }
}

interface GcProfile {
  statistics: { beforeGC: GcHeap; afterGC: GcHeap }[];
}

interface GcHeap {
  heapStatistics: { usedHeapSize: number };
}

export type HostFunctions = Awaited<ReturnType<Host['open']>>;
