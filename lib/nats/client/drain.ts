import type { NatsConnection, NatsConnectionImpl, Subscription, SubscriptionImpl } from 'nats';

/**
 * Ends subscriptions after delivering the messages that the server has already sent for them. They share one PING; the
 * client's own `drain` sends one for each subscription, which takes seconds for thousands of them.
 */
export async function drainSubscriptions(nc: NatsConnection, subscriptions: Subscription[]): Promise<void> {
  const { protocol } = nc as NatsConnectionImpl;
  const open = subscriptions.filter((subscription) => !subscription.isClosed()) as SubscriptionImpl[];
  for (const subscription of open) protocol.unsub(subscription);
  await nc.flush().catch(() => {});
  for (const subscription of open) protocol.subscriptions.cancel(subscription);
}
