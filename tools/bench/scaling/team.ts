import { setTimeout as delay } from 'node:timers/promises';
import type { Worker } from '../processes';
import { Tally } from '../tally';
import type { ScalingHostFunctions } from './host';
import { type Cost, DONE, type Sharing, subjectOf } from './member';
import type { Servers } from './servers';

export type Host = Worker<ScalingHostFunctions>;

export const RATE = 'messages/s';

/** The result of a pile of work: a rate, and parts of an even share. */
export type Done = Record<typeof RATE | 'largest share' | 'smallest share', number>;

/** So many messages are on their way to a stream. */
const STORED_AT_ONCE = 256;

/** A message that is not done after this time is lost. */
const LONGEST_WAIT_MS = 60_000;

/** A first message that is not done after this time was sent before its member was there. */
const FIRST_WAIT_MS = 1000;

const FIRST = 'first';

/** Node-REDs that share work. Each message counts: none may be missing in the end, and none may be done twice. */
export class Team {
  private readonly tally = new Tally();
  /** How many messages each member has done since this was cleared, by its name. */
  private readonly done = new Map<string, number>();
  private firsts = 0;
  private onDone = () => {};
  private readonly subject: string;
  private readonly isStored: boolean;
  private readonly results;

  constructor(
    private readonly hosts: Host[],
    private readonly servers: Servers,
    private readonly sharing: Sharing,
  ) {
    this.subject = subjectOf(sharing);
    this.isStored = sharing.stream !== undefined;
    const callback = (_: unknown, msg: { subject: string; string(): string }) => {
      this.receive(msg.subject.slice(DONE.length + 1), msg.string());
    };
    this.results = servers.nc.subscribe(`${DONE}.*`, { callback });
  }

  /** Makes the first hosts members, whose messages cost what is given for each; resolves when all of them work. */
  async join(costs: Cost[]): Promise<void> {
    const { urls } = this.servers;
    await Promise.all(
      this.hosts.map(({ call }, n) => {
        const cost = costs[n];
        return cost
          ? call.join({ ...this.sharing, name: nameOf(n), server: urls[n % urls.length] as string, cost })
          : call.leave();
      }),
    );
    this.done.clear();
    const batch = Array<string>(4 * costs.length).fill(FIRST);
    const endAt = performance.now() + LONGEST_WAIT_MS;
    for (let areDone = false; !areDone || this.done.size < costs.length; ) {
      if (performance.now() > endAt) throw new Error(`Only ${[...this.done.keys()]} of ${costs.length} work.`);
      this.firsts = 0;
      await this.publish(batch);
      areDone = await this.until(() => this.firsts >= batch.length, FIRST_WAIT_MS);
    }
  }

  /** Publishes messages, and waits until the members have done them. */
  async work(count: number): Promise<Done> {
    const members = this.done.size;
    this.done.clear();
    const numbers = Array.from({ length: count }, () => `${this.tally.send()}`);
    const startedAt = performance.now();
    await this.publish(numbers);
    await this.until(() => this.tally.missing === 0, LONGEST_WAIT_MS);
    const seconds = (performance.now() - startedAt) / 1000;
    const { missing, twice } = this.tally;
    if (missing + twice > 0) throw new Error(`Of ${count} messages ${missing} are missing, and ${twice} came twice.`);
    const shares = Array.from({ length: members }, (_, n) => ((this.done.get(nameOf(n)) ?? 0) * members) / count);
    return {
      'messages/s': count / seconds,
      'largest share': Math.max(...shares),
      'smallest share': Math.min(...shares),
    };
  }

  /** Sends the members home; the hosts can be part of another team. */
  async end(): Promise<void> {
    for (const { call } of this.hosts) await call.leave();
    this.results.unsubscribe();
    if (this.sharing.stream) await this.servers.removeStream(this.sharing.stream.name);
  }

  private receive(member: string, payload: string): void {
    this.done.set(member, (this.done.get(member) ?? 0) + 1);
    if (payload === FIRST) this.firsts++;
    else this.tally.receive(Number(payload));
    this.onDone();
  }

  private async publish(payloads: string[]): Promise<void> {
    const { nc, js } = this.servers;
    if (!this.isStored) {
      for (const payload of payloads) nc.publish(this.subject, payload);
      return;
    }
    for (let from = 0; from < payloads.length; from += STORED_AT_ONCE) {
      const some = payloads.slice(from, from + STORED_AT_ONCE);
      await Promise.all(some.map((payload) => js.publish(this.subject, payload, { retries: 20 })));
    }
  }

  /** Resolves with whether something is so, at the latest after a time. */
  private async until(isSo: () => boolean, ms: number): Promise<boolean> {
    const timeout = new AbortController();
    const changed = new Promise<void>((resolve) => {
      this.onDone = () => {
        if (isSo()) resolve();
      };
      this.onDone();
    });
    await Promise.race([changed, delay(ms, undefined, { signal: timeout.signal }).catch(() => {})]);
    timeout.abort();
    return isSo();
  }
}

/** All names have the same length. */
function nameOf(index: number): string {
  return `member-${index + 1}`;
}
