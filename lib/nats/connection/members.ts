import { CodedError } from '../../coded-error';
import { isRefusal } from '../client/connect-error';
import { type Host, hostOf } from '../client/dial';
import { retryWaitMs } from '../core/retry-wait';

/** A server that may be dialled. Times are those of the monotonic clock, in milliseconds. */
export interface Member extends Host {
  /** Whether it is in the settings; the others were announced by the cluster. */
  readonly isConfigured: boolean;
  /** When it was last dialled, and when it may be dialled again. */
  dialledAt: number;
  dueAt: number;
  /** How many dials in a row have failed, and why the last one did. */
  failures: number;
  error?: CodedError | undefined;
}

/** The largest number of members that a cluster can announce, besides those in the settings. */
export const MAX_ANNOUNCED = 100;

/** A server in lame duck mode ends its connections within this time. */
const LAME_DUCK_MS = 10_000;

/** The servers that a connection may dial, and when it may dial them. */
export class Members {
  private all: Member[];
  private hasConnected = false;
  /** An announced member has just failed: many of them may be gone, and must not keep from those in the settings. */
  private hasAnnouncedFailed = false;

  /** `servers` are `host:port`; after an outage the dials of a server are at least `reconnectWaitMs` apart. */
  constructor(
    private readonly servers: string[],
    private readonly reconnectWaitMs: number,
  ) {
    this.all = shuffled(servers.flatMap((address) => parseMember(address, true) ?? []));
  }

  /** The member to dial next. */
  next(): Member {
    const now = performance.now();
    const due = this.hasAnnouncedFailed ? this.all.filter((one) => one.isConfigured && one.dueAt <= now) : [];
    return (due.length > 0 ? due : this.all).reduce((first, other) => (other.dueAt < first.dueAt ? other : first));
  }

  connected(member: Member): void {
    this.hasConnected = true;
    member.failures = 0;
    for (const one of this.all) one.error = undefined;
  }

  /** The connection to a member has ended: members that were not dialled just before may be dialled at once. */
  lost(member: Member): void {
    const now = performance.now();
    for (const one of this.all) one.dueAt = Math.max(now, one.dialledAt + this.reconnectWaitMs);
    // Behind the others.
    if (this.all.includes(member)) this.all = [...this.all.filter((other) => other !== member), member];
  }

  /** The connection to a member in lame duck mode has ended: prefer any other one. */
  left(member: Member): void {
    this.lost(member);
    member.dueAt = performance.now() + LAME_DUCK_MS;
  }

  /** A dial of a member has failed. */
  failed(member: Member, error: CodedError): void {
    const isOutage = this.hasConnected && !isRefusal(error);
    member.dueAt = performance.now() + (isOutage ? this.reconnectWaitMs : retryWaitMs(member.failures));
    member.failures++;
    member.error = error;
    this.hasAnnouncedFailed = !member.isConfigured;
  }

  /** Why there is no connection, once each server of the settings has been tried: a refusal, if one refuses. */
  get trouble(): CodedError | undefined {
    const failures = this.all.filter(({ isConfigured }) => isConfigured).map(({ error }) => error);
    if (failures.includes(undefined)) return undefined;
    const refusal = failures.find((error) => error && isRefusal(error));
    if (refusal || failures.length === 1) return refusal ?? failures[0];
    const reason = String(failures[0]?.values.reason);
    return new CodedError('UNREACHABLE', { servers: this.servers.join(', '), reason }, { cause: failures[0] });
  }

  hasOthersThan(member: Member): boolean {
    return this.all.some((other) => other !== member);
  }

  /** Updates the members that the cluster announces as `host:port`; invalid addresses are left out. */
  update(announced: string[]): void {
    const addresses = new Set(announced.slice(0, MAX_ANNOUNCED));
    const valid = [...addresses].flatMap((address) => parseMember(address, false) ?? []);
    const isIn = (list: Member[], { host, port }: Member) => list.some((one) => one.host === host && one.port === port);
    const kept = this.all.filter((member) => member.isConfigured || isIn(valid, member));
    const added = valid.filter((member) => !isIn(kept, member));
    this.all = [...kept, ...shuffled(added)];
  }
}

function parseMember(address: string, isConfigured: boolean): Member | undefined {
  const host = hostOf(address);
  // Such as `nats.1`, the name of a task in Docker Swarm: it looks like an IPv4 address but is not a valid one.
  if (!host || !(isConfigured || URL.canParse(`http://${address}`))) return undefined;
  return { ...host, isConfigured, dialledAt: Number.NEGATIVE_INFINITY, dueAt: 0, failures: 0 };
}

/** Shuffled, so that clients with the same settings spread over the servers. */
function shuffled<T>(list: T[]): T[] {
  const drawn = list.map((item) => ({ item, lot: Math.random() }));
  return drawn.sort((one, other) => one.lot - other.lot).map(({ item }) => item);
}
