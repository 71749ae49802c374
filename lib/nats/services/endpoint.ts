import { type OpenRequest, OpenRequests } from './open-requests';
import type { ServiceError } from './service-error';

/** The queue group of an endpoint that has no other. */
export const DEFAULT_QUEUE = 'q';

/** An endpoint's name and what it subscribes to, all checked. */
export interface EndpointSettings {
  name: string;
  subject: string;
  queue: string;
}

/** An endpoint as a service describes it. */
interface EndpointInfo {
  name: string;
  subject: string;
  queue_group: string;
  metadata: Record<string, string>;
}

/** What an endpoint has done; times are in nanoseconds. */
interface EndpointStats extends EndpointInfo {
  num_requests: number;
  num_errors: number;
  /** Empty if there was none. */
  last_error: string;
  processing_time: number;
  average_processing_time: number;
}

/** ADR-32 has times in nanoseconds. */
export const NS_PER_MS = 1_000_000;

/** The requests of all endpoints of this process. A request may be answered by any node, over any connection. */
const open = new OpenRequests<Endpoint>();

/** Counts the requests of an endpoint, and the time until they are answered. */
export class Endpoint {
  private requests = 0;
  private errors = 0;
  private lastError = '';
  private processingMs = 0;
  private isClosed = false;

  constructor(readonly settings: EndpointSettings) {}

  /** A request enters the flow; without a reply subject it expects no answer. */
  received(reply: string | undefined): void {
    this.requests++;
    if (reply && !this.isClosed) open.add(reply, this);
  }

  /** No request is counted as answered any more. */
  close(): void {
    this.isClosed = true;
    open.forget(this);
  }

  info(): EndpointInfo {
    const { name, subject, queue } = this.settings;
    return { name, subject, queue_group: queue, metadata: {} };
  }

  stats(): EndpointStats {
    const total = Math.round(this.processingMs * NS_PER_MS);
    return {
      ...this.info(),
      num_requests: this.requests,
      num_errors: this.errors,
      last_error: this.lastError,
      processing_time: total,
      average_processing_time: this.requests > 0 ? Math.trunc(total / this.requests) : 0,
    };
  }

  /** Counts an answer and the error that it tells of; the returned function takes that back. */
  private count(ms: number, error: ServiceError | undefined): () => void {
    const { lastError } = this;
    this.processingMs += ms;
    if (error) {
      this.errors++;
      this.lastError = `${error.code}:${error.description}`;
    }
    return () => {
      this.processingMs -= ms;
      if (!error) return;
      this.errors--;
      this.lastError = lastError;
    };
  }

  /**
   * A message to this subject is about to be sent. If it answers a request of an endpoint, it is counted at once, because
   * the requester may ask for the statistics as soon as it has the answer. `errorOf` returns the error that the answer
   * tells of. Call the returned function if the message could not be sent.
   */
  static answer(reply: string, errorOf: () => ServiceError | undefined): (() => void) | undefined {
    // Without requests of services, this is all that an answer costs.
    const request = open.size > 0 ? open.take(reply) : undefined;
    if (!request) return undefined;
    const uncount = request.owner.count(performance.now() - request.at, errorOf());
    return () => {
      uncount();
      request.owner.reopen(reply, request);
    };
  }

  private reopen(reply: string, request: OpenRequest<Endpoint>): void {
    if (!this.isClosed) open.putBack(reply, request);
  }
}
