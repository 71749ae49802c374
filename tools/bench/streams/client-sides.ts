import { type JsMsg, jetstream, jetstreamManager } from '@nats-io/jetstream';
import { createInbox, headers, type NatsConnection, nuid } from 'nats';
import type { Side } from './side';

/** The client with its JetStream library. */
export async function clientSide(nc: NatsConnection): Promise<Side> {
  const js = jetstream(nc);
  const { consumers } = await jetstreamManager(nc);
  return {
    publisher: async (subject, payload, onStored) => {
      return () => void js.publish(subject, payload, { msgID: nuid.next() }).then(onStored);
    },
    read: async ({ stream, isAcknowledged, window, isHeld }, onMessage) => {
      const name = isAcknowledged ? (await consumers.add(stream, { ack_policy: 'explicit' })).name : undefined;
      const consumer = await js.consumers.get(stream, name);
      const callback = (msg: JsMsg) => {
        if (isHeld) return;
        if (isAcknowledged) msg.ack();
        onMessage();
      };
      const messages = await consumer.consume({ max_messages: window, callback });
      return async () => {
        await messages.close();
        await consumer.delete();
      };
    },
  };
}

/** The client without its JetStream library: one subscription for the answers to all messages. */
export async function plainSide(nc: NatsConnection): Promise<Side> {
  return {
    publisher: async (subject, payload, onStored) => {
      const inbox = createInbox();
      nc.subscribe(`${inbox}.*`, {
        callback: (_, msg) => {
          const { error } = JSON.parse(msg.string()) as { error?: object };
          if (error) throw new Error(JSON.stringify(error));
          onStored();
        },
      });
      let last = 0;
      return () => {
        const own = headers();
        own.set('Nats-Msg-Id', nuid.next());
        nc.publish(subject, payload, { reply: `${inbox}.${++last}`, headers: own });
      };
    },
    read: () => Promise.reject(new Error('This contender only publishes.')),
  };
}
