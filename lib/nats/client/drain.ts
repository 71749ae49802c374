import type { NatsConnection, NatsConnectionImpl, Subscription, SubscriptionImpl } from 'nats';

/**
 * Ends subscriptions once the messages that the server has sent for them are delivered. They share a PING; the client's
 * own `drain` sends one for each, which takes seconds where there are thousands.
 */
export async function drainSubscriptions(nc: NatsConnection, subscriptions: Subscription[]): Promise<void> {
  const { protocol } = nc as NatsConnectionImpl;
  const open = subscriptions.filter((subscription) => !subscription.isClosed()) as SubscriptionImpl[];
  for (const subscription of open) protocol.unsub(subscription);
  await nc.flush().catch(() => {});
  for (const subscription of open) protocol.subscriptions.cancel(subscription);
}
