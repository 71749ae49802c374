import type { NatsConnection } from 'nats';

const NS_PER_MS = 1_000_000;

/** Asks the API of a server's streams: https://docs.nats.io/reference/reference-protocols/nats_api_reference */
export async function askStreams<T>(peer: NatsConnection, subject: string, body?: object): Promise<T> {
  const answer = await peer.request(`$JS.API.${subject}`, body && JSON.stringify(body), { timeout: 10_000 });
  const { error, ...result } = answer.json<{ error?: { description: string } }>();
  if (error) throw new Error(`${subject}: ${error.description}`);
  return result as T;
}

/** Lets the server deliver sooner again what is not acknowledged, for all consumers that a stream has now. */
export async function hurry(peer: NatsConnection, stream: string, ackWaitMs: number): Promise<void> {
  const { consumers } = await askStreams<{ consumers: { name: string; config: object }[] }>(
    peer,
    `CONSUMER.LIST.${stream}`,
  );
  for (const { name, config } of consumers) {
    const changed = { ...config, name, ack_wait: ackWaitMs * NS_PER_MS };
    await askStreams(peer, `CONSUMER.CREATE.${stream}.${name}`, { stream_name: stream, config: changed });
  }
}

/** What a durable consumer may have other than a `nats-consume` would make it. */
export interface ConsumerOptions {
  ackWaitMs?: number | undefined;
  firstSequence?: number;
}

/** Makes a durable consumer as a `nats-consume` does, apart from the options. */
export async function makeConsumer(
  peer: NatsConnection,
  stream: string,
  name: string,
  { ackWaitMs = 30_000, firstSequence }: ConsumerOptions = {},
): Promise<void> {
  const config = {
    durable_name: name,
    ack_policy: 'explicit',
    ack_wait: ackWaitMs * NS_PER_MS,
    max_deliver: -1,
    max_ack_pending: -1,
    ...(firstSequence === undefined
      ? { deliver_policy: 'all' }
      : { deliver_policy: 'by_start_sequence', opt_start_seq: firstSequence }),
  };
  await askStreams(peer, `CONSUMER.DURABLE.CREATE.${stream}.${name}`, { stream_name: stream, config });
}
