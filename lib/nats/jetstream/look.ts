import type { JetStreamApi } from './api';
import type { StreamInfo } from './stream';
import { checkStreamName } from './stream-config';

/** What a stream has, for people. */
export interface StreamReport {
  stream: string;
  subjects: string[];
  messages: number;
  bytes: number;
  /** When the oldest message was stored, ISO 8601; missing if there is none. */
  oldest?: string;
  /** How many there are in total. */
  consumerCount: number;
  /** The first of them. */
  consumers: ConsumerReport[];
}

export interface ConsumerReport {
  name: string;
  /** Messages that it has not been sent yet. */
  pending: number;
  /** Messages that it has been sent and that are not acknowledged. */
  unacknowledged: number;
}

/** The answer to `CONSUMER.LIST`: https://github.com/nats-io/jsm.go/tree/main/schemas/jetstream/api/v1 */
interface ConsumerList {
  total: number;
  consumers: { name: string; num_pending: number; num_ack_pending: number }[] | null;
}

/** No more consumers than this are reported. */
const MAX_CONSUMERS = 20;

/** Reports on a stream and changes nothing. Rejects with `BAD_STREAM`, or as `JetStreamApi.request` does. */
export async function lookAtStream(api: JetStreamApi, name: string): Promise<StreamReport> {
  const stream = checkStreamName(name);
  const { config, state } = await api.request<StreamInfo>(`STREAM.INFO.${stream}`, undefined, { stream });
  const list = await api.request<ConsumerList>(`CONSUMER.LIST.${stream}`, undefined, { stream });
  const consumers = (list.consumers ?? []).slice(0, MAX_CONSUMERS);
  return {
    stream,
    subjects: config.subjects ?? [],
    messages: state.messages,
    bytes: state.bytes,
    ...(state.messages > 0 && { oldest: state.first_ts }),
    consumerCount: list.total,
    consumers: consumers.map(({ name, num_pending, num_ack_pending }) => ({
      name,
      pending: num_pending,
      unacknowledged: num_ack_pending,
    })),
  };
}
