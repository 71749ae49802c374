/**
 * How many requests may wait for their answers at a time. Flows may leave requests unanswered, so beyond this number
 * the oldest are forgotten.
 */
export const MAX_OPEN_REQUESTS = 65_536;

/** A request that has not been answered yet. */
export interface OpenRequest<Owner> {
  owner: Owner;
  /** When it entered the flow, by `performance.now()`. */
  at: number;
  /** The next one with the same reply subject; the first one also knows the last. */
  next?: OpenRequest<Owner> | undefined;
  last?: OpenRequest<Owner> | undefined;
}

/**
 * The requests that wait for their answers, by reply subject. Those with the same one, as if a client sends several
 * parts, are answered in order.
 */
export class OpenRequests<Owner> {
  private readonly byReply = new Map<string, OpenRequest<Owner>>();
  private count = 0;

  get size(): number {
    return this.count;
  }

  add(reply: string, owner: Owner): void {
    if (this.count >= MAX_OPEN_REQUESTS) this.forgetOldest();
    const request: OpenRequest<Owner> = { owner, at: performance.now() };
    const first = this.byReply.get(reply);
    if (first) {
      (first.last ?? first).next = request;
      first.last = request;
    } else {
      this.byReply.set(reply, request);
    }
    this.count++;
  }

  /** Removes the oldest request with a reply subject, and returns it. */
  take(reply: string): OpenRequest<Owner> | undefined {
    const first = this.byReply.get(reply);
    if (!first) return undefined;
    const { next, last } = first;
    if (next) {
      next.last = last === next ? undefined : last;
      this.byReply.set(reply, next);
    } else {
      this.byReply.delete(reply);
    }
    this.count--;
    return first;
  }

  /** Adds a request again that has not been answered after all, as the oldest one with its reply subject. */
  putBack(reply: string, { owner, at }: OpenRequest<Owner>): void {
    if (this.count >= MAX_OPEN_REQUESTS) return;
    const next = this.byReply.get(reply);
    this.byReply.set(reply, { owner, at, next, last: next?.last ?? next });
    this.count++;
  }

  /** Forgets all requests of an owner. */
  forget(owner: Owner): void {
    for (const [reply, first] of [...this.byReply]) {
      const all: OpenRequest<Owner>[] = [];
      for (let one: OpenRequest<Owner> | undefined = first; one; one = one.next) all.push(one);
      const kept = all.filter((request) => request.owner !== owner);
      if (kept.length === all.length) continue;
      this.byReply.delete(reply);
      this.count -= all.length;
      for (const request of kept.reverse()) this.putBack(reply, request);
    }
  }

  private forgetOldest(): void {
    for (const reply of this.byReply.keys()) {
      this.take(reply);
      return;
    }
  }
}
