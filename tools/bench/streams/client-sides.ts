import { type JsMsg, jetstream, jetstreamManager } from '@nats-io/jetstream';
import { headers, type NatsConnection, nuid } from 'nats';
import { asking, checkStored, pulling } from '../plain';
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

/** The client without its JetStream library, whose part it only uses to make consumers. */
export async function plainSide(nc: NatsConnection): Promise<Side> {
  const { consumers } = await jetstreamManager(nc);
  return {
    publisher: async (subject, payload, onStored) => {
      const ask = asking(nc, (msg) => {
        checkStored(msg);
        onStored();
      });
      return () => {
        const own = headers();
        own.set('Nats-Msg-Id', nuid.next());
        ask(subject, payload, own);
      };
    },
    read: async ({ stream, isAcknowledged, window, isHeld }, onMessage) => {
      const ack_policy = isAcknowledged ? 'explicit' : 'none';
      const { name } = await consumers.add(stream, { ack_policy });
      const end = pulling(nc, { stream, consumer: name, window }, (msg) => {
        if (isHeld) return false;
        if (isAcknowledged) msg.respond('+ACK');
        onMessage();
        return true;
      });
      return async () => {
        end();
        await consumers.delete(stream, name);
      };
    },
  };
}
