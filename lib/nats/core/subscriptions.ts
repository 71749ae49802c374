import type { CodedError } from '../../coded-error';
import type { Received } from '../client/received';
import type { Attachment, Link, Subscribed } from './link';
import { retryWaitMs } from './retry-wait';

/** A subscription that a node wants on each connection. Subject and queue group have been checked. */
export interface DesiredSubscription {
  subject: string;
  queue?: string;
  /** Ends after this many messages, counted over all connections; 0: no limit. */
  max: number;
  onMessage(msg: Received): void;
  /** `max` messages have arrived. */
  onEnd?(): void;
  /** The server refuses it (`PERMISSION`, `SERVER`); it is retried from time to time. */
  onRefused(error: CodedError): void;
  /** The server accepts it after having refused it. */
  onAccepted?(): void;
}

/** The state of a desired subscription. */
interface Progress {
  received: number;
  live?: Subscribed | undefined;
  /** How many times in a row the server has refused it, and the timer of the next retry. */
  refusals: number;
  retry?: NodeJS.Timeout;
}

/** The subscriptions that the nodes of a connection want. */
export class Subscriptions implements Attachment {
  private readonly desired = new Map<DesiredSubscription, Progress>();
  private link: Link | undefined;

  /** Starts a subscription, now or with the next connection. Adding the same object twice changes nothing. */
  add(subscription: DesiredSubscription): void {
    if (this.desired.has(subscription)) return;
    const progress = { received: 0, refusals: 0 };
    this.desired.set(subscription, progress);
    if (this.link) this.start(this.link, subscription, progress);
  }

  /** Ends a subscription at once. */
  remove(subscription: DesiredSubscription): void {
    this.take(subscription)?.unsubscribe();
  }

  /** Ends subscriptions after delivering the messages that the server has already sent, or with the connection. */
  async drain(subscriptions: DesiredSubscription[]): Promise<void> {
    // Subscriptions that are drained together share a promise.
    await Promise.all(new Set(subscriptions.map((subscription) => this.take(subscription)?.drain())));
  }

  attach(link: Link): void {
    this.link = link;
    for (const [subscription, progress] of this.desired) this.start(link, subscription, progress);
  }

  async detach(): Promise<void> {
    this.link = undefined;
    for (const progress of this.desired.values()) {
      clearTimeout(progress.retry);
      progress.live = undefined;
    }
  }

  /** The last message has arrived, whose callback may have ended and restarted the subscription. */
  private complete(subscription: DesiredSubscription, progress: Progress): void {
    if ((this.desired.get(subscription) ?? progress) !== progress) return;
    this.desired.delete(subscription);
    subscription.onEnd?.();
  }

  private take(subscription: DesiredSubscription): Subscribed | undefined {
    const progress = this.desired.get(subscription);
    this.desired.delete(subscription);
    clearTimeout(progress?.retry);
    return progress?.live;
  }

  private start(link: Link, subscription: DesiredSubscription, progress: Progress): void {
    const { subject, queue, max } = subscription;
    progress.live = link.subscribe({
      subject,
      queue,
      max: max > 0 ? max - progress.received : 0,
      onMessage: (msg) => {
        progress.received++;
        subscription.onMessage(msg);
        if (max > 0 && progress.received >= max) this.complete(subscription, progress);
      },
      onRefused: (error) => {
        if (this.desired.get(subscription) !== progress) return;
        progress.live = undefined;
        if (progress.refusals === 0) subscription.onRefused(error);
        // Permissions or limits may change while the connection lasts.
        progress.retry = setTimeout(() => this.start(link, subscription, progress), retryWaitMs(progress.refusals + 2));
        progress.refusals++;
      },
      onAccepted: () => {
        if (progress.refusals === 0) return;
        progress.refusals = 0;
        subscription.onAccepted?.();
      },
    });
  }
}
