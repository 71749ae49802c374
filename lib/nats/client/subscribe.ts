import type { NatsConnection, Subscription, SubscriptionOptions } from 'nats';
import type { Received } from './received';

/** Subscribes on a connection of the pack, which makes the messages its own way, whatever the client's types say. */
export function subscribe(
  nc: NatsConnection,
  subject: string,
  options: Omit<SubscriptionOptions, 'callback'>,
  receiver: { onMessage(msg: Received): void },
): Subscription {
  return nc.subscribe(subject, { ...options, callback: (_, msg) => receiver.onMessage(msg as unknown as Received) });
}
