import { createInbox, type Msg, type MsgHdrs, type NatsConnection } from 'nats';

/** Sends a request; the answer comes later. */
type Ask = (subject: string, payload?: string | Uint8Array, headers?: MsgHdrs) => void;

/**
 * Requests with one subscription for the answers to all of them, which is the least that an answered message can cost.
 * `onAnswer` is called with each answer that is no error.
 */
export function asking(nc: NatsConnection, onAnswer: (msg: Msg) => void): Ask {
  const inbox = createInbox();
  nc.subscribe(`${inbox}.*`, {
    callback: (_, msg) => {
      if (msg.headers?.hasError) throw new Error(`${msg.headers.code} ${msg.headers.description}`);
      onAnswer(msg);
    },
  });
  let last = 0;
  return (subject, payload, headers) => {
    nc.publish(subject, payload, { reply: `${inbox}.${++last}`, ...(headers && { headers }) });
  };
}

/** Throws if the answer of a stream is an error. */
export function checkStored(msg: Msg): void {
  const { error } = JSON.parse(msg.string()) as { error?: object };
  if (error) throw new Error(JSON.stringify(error));
}

/** A consumer from which messages are pulled. */
interface Pulled {
  stream: string;
  consumer: string;
  /** How many messages may be on their way. */
  window: number;
}

/**
 * Pulls messages until the returned function is called. `onMessage` returns whether another message may come for this
 * one.
 */
export function pulling(
  nc: NatsConnection,
  { stream, consumer, window }: Pulled,
  onMessage: (msg: Msg) => boolean,
): () => void {
  const inbox = createInbox();
  let room = window;
  const pull = () => {
    nc.publish(`$JS.API.CONSUMER.MSG.NEXT.${stream}.${consumer}`, JSON.stringify({ batch: room }), { reply: inbox });
    room = 0;
  };
  const subscription = nc.subscribe(inbox, {
    callback: (_, msg) => {
      // The server's own messages have no subject for an acknowledgement.
      if (!msg.reply) throw new Error(`${msg.headers?.code} ${msg.headers?.description}`);
      if (onMessage(msg)) room++;
      if (room > 0 && 2 * room >= window) pull();
    },
  });
  pull();
  return () => subscription.unsubscribe();
}
