import type { Msg, MsgCallback, NatsConnection, Subscription } from 'nats';

/**
 * Subscribes to the replies of one request. `callback` also gets the server's denial of the request, which the client
 * finds by the `requestSubject` of a subscription; it sets that only for requests of its own.
 */
export function subscribeInbox(
  nc: NatsConnection,
  inbox: string,
  requestSubject: string,
  callback: MsgCallback<Msg>,
): Subscription {
  return Object.assign(nc.subscribe(inbox, { callback }), { requestSubject });
}
