import { CodedError, shown } from '../../coded-error';
import { countSetting } from '../../setting';
import { readHeaders } from '../client/headers';
import type { JetStreamApi } from '../jetstream/api';
import { isName } from '../jetstream/names';
import type { StreamInfo } from '../jetstream/stream';
import { checkStreamName } from '../jetstream/stream-config';
import { type ShownMessage, showMessage } from './shown-message';
import { checkForm } from './shown-payload';

/** A stream in a list. */
export interface ListedStream {
  name: string;
  subjects: string[];
  messages: number;
  bytes: number;
  consumers: number;
  firstSequence: number;
  lastSequence: number;
  /** When the oldest message was stored, ISO 8601; missing if there is none. */
  oldest?: string;
}

export interface StreamList {
  streams: ListedStream[];
  /** How many there are, listed or not. */
  total: number;
}

/** The answer to `STREAM.LIST`: https://github.com/nats-io/jsm.go/tree/main/schemas/jetstream/api/v1 */
interface StreamPage {
  total: number;
  streams: StreamInfo[] | null;
}

/** The answer to `STREAM.MSG.GET`; headers and data are in Base64. */
interface StoredMessage {
  message: { subject: string; seq: number; time: string; hdrs?: string; data?: string };
}

const MOST_SUBJECTS = 20;

/**
 * The first 256 streams, which is as many as a server lists at once; with `subject` only those that store subjects
 * which it matches.
 */
export async function listStreams(api: JetStreamApi, subject?: string): Promise<StreamList> {
  const page = await api.request<StreamPage>('STREAM.LIST', { offset: 0, ...(subject && { subject }) });
  const streams = (page.streams ?? []).filter(({ config, state }) => config && state).map(listed);
  return { streams: streams.sort((a, b) => a.name.localeCompare(b.name)), total: page.total };
}

/** One message of a stream. Rejects with `BAD_STREAM`, `BAD_NUMBER`, `BAD_CHOICE`, or `NO_MESSAGE` if it is not there. */
export async function lookAtMessage(
  api: JetStreamApi,
  { stream, sequence, form }: { stream: unknown; sequence: unknown; form: unknown },
): Promise<ShownMessage> {
  const name = checkStreamName(stream);
  const seq = countSetting('sequence', sequence, 1, { min: 1, max: Number.MAX_SAFE_INTEGER });
  const shownAs = checkForm(form);
  const { message } = await api.request<StoredMessage>(
    `STREAM.MSG.GET.${name}`,
    { seq },
    { stream: name, sequence: seq },
  );
  const { subject, time, hdrs, data = '' } = message;
  const headers = hdrs ? readHeaders(Buffer.from(hdrs, 'base64')) : undefined;
  return showMessage({ subject, time, headers, data: Buffer.from(data, 'base64') }, shownAs);
}

/** Deletes all messages of a stream, and resolves with how many there were. Rejects with `BAD_STREAM`. */
export async function purgeStream(api: JetStreamApi, stream: unknown): Promise<number> {
  const name = checkStreamName(stream);
  const { purged } = await api.request<{ purged: number }>(`STREAM.PURGE.${name}`, undefined, { stream: name });
  return purged;
}

/** Deletes a consumer. Rejects with `BAD_STREAM`, `BAD_CONSUMER`, `NO_CONSUMER`. */
export async function deleteConsumer(api: JetStreamApi, stream: unknown, consumer: unknown): Promise<void> {
  const name = checkStreamName(stream);
  if (!isName(consumer)) throw new CodedError('BAD_CONSUMER', { value: shown(consumer) });
  await api.request(`CONSUMER.DELETE.${name}.${consumer}`, undefined, { stream: name, consumer });
}

function listed({ config, state }: StreamInfo): ListedStream {
  return {
    name: config.name,
    subjects: (config.subjects ?? []).slice(0, MOST_SUBJECTS),
    messages: state.messages,
    bytes: state.bytes,
    consumers: state.consumer_count,
    firstSequence: state.first_seq,
    lastSequence: state.last_seq,
    ...(state.messages > 0 && { oldest: state.first_ts }),
  };
}
