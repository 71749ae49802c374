import { GCProfiler } from 'node:v8';
import type { DialectName } from './dialects';
import { type HostOptions, subjectsOf } from './host-options';
import { Line } from './line';
import { payloadOf } from './load';
import { memoryInUse } from './memory';

/** The length of a credit and of an acknowledgement. */
export const TOKEN_LENGTH = 1;

/** The resources that a process has used since the last query. */
interface Usage {
  /** CPU time of all threads, in microseconds. */
  cpuUs: number;
  rssMiB: number;
}

/** The actions of a contender that the host triggers. */
interface Side {
  /** Publishes `count` messages. */
  publish(payload: string, count: number): void;
  /** Sends a request; the contender calls `replied` with the reply. */
  request(payload: string): void;
}

/** The process of a contender, as the benchmark controls it. */
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

  /** Subscribes to credits; resolves when the broker has confirmed that. */
  async open(side: Side) {
    this.line = await Line.open(this.dialect, this.port, {
      subject: this.subjects.credit,
      payloadLength: TOKEN_LENGTH,
      onFrames: (frames) => side.publish(this.payload, frames * this.unit),
    });
    return {
      prepare: (payloadLength: number, unit: number) => this.prepare(payloadLength, unit),
      request: (count: number, outstanding: number) => this.request(side, count, outstanding),
      usage: () => this.usage(),
      startAllocations: () => this.startAllocations(),
      stopAllocations: () => this.stopAllocations(),
      heap: memoryInUse,
    };
  }

  /** Counts messages that a subscriber has received. */
  received(count: number): void {
    this.unacknowledged += count;
    const acks = Math.floor(this.unacknowledged / this.unit);
    if (acks === 0 || !this.line) return;
    this.unacknowledged -= acks * this.unit;
    const ack = this.line.dialect.frame(this.subjects.ack, payloadOf(TOKEN_LENGTH));
    for (let n = 0; n < acks; n++) this.line.write(ack);
  }

  /** Records that a requester has received a reply. */
  replied(): void {
    this.onReply();
  }

  private prepare(payloadLength: number, unit: number): void {
    this.payload = payloadOf(payloadLength).toString();
    this.unit = unit;
    this.unacknowledged = 0;
  }

  /** Sends `count` requests, up to `outstanding` at a time; returns the seconds that this took. */
  private async request(side: Side, count: number, outstanding: number): Promise<number> {
    let sent = 0;
    let replied = 0;
    const startedAt = performance.now();
    await new Promise<void>((resolve) => {
      this.onReply = () => {
        if (++replied === count) resolve();
        else if (sent < count) next();
      };
      const next = () => {
        sent++;
        side.request(this.payload);
      };
      while (sent < Math.min(outstanding, count)) next();
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

  /** The number of bytes that JavaScript has allocated since `startAllocations`. */
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
}

interface GcProfile {
  statistics: { beforeGC: GcHeap; afterGC: GcHeap }[];
}

interface GcHeap {
  heapStatistics: { usedHeapSize: number };
}

export type HostFunctions = Awaited<ReturnType<Host['open']>>;
