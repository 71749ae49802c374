import { createHash } from 'node:crypto';
import { jetstreamManager } from '@nats-io/jetstream';
import { Objm } from '@nats-io/obj';
import { connect, type Msg, nuid } from 'nats';
import { asking, checkStored, pulling } from '../plain';
import type { Side } from './side';

/** The client with its library for objects. */
export async function clientSide(port: number, bucket: string): Promise<Side> {
  const objects = await new Objm(await connect({ servers: `nats://127.0.0.1:${port}` })).open(bucket);
  return {
    put: async (name, data) => {
      await objects.putBlob({ name }, data);
    },
    get: async (name) => (await objects.getBlob(name))?.length ?? 0,
    putParts: async (name, part, count) => {
      let left = count;
      const parts = new ReadableStream<Uint8Array>({
        pull: (controller) => {
          if (left-- > 0) controller.enqueue(part);
          else controller.close();
        },
      });
      await objects.put({ name }, parts);
    },
    getParts: async (name) => {
      const found = await objects.get(name);
      let size = 0;
      for await (const { length } of (found?.data ?? []) as AsyncIterable<Uint8Array>) size += length;
      return size;
    },
  };
}

const CHUNK = 128 * 1024;
/** Chunks that may be on their way. */
const WINDOW = 16;

/** The client without that library: chunks and their description as the protocol has them. */
export async function plainSide(port: number, bucket: string): Promise<Side> {
  const nc = await connect({ servers: `nats://127.0.0.1:${port}` });
  const { consumers, streams } = await jetstreamManager(nc);
  const stream = `OBJ_${bucket}`;
  const chunksOf = (id: string) => `$O.${bucket}.C.${id}`;
  const described = (name: string) => `$O.${bucket}.M.${Buffer.from(name).toString('base64url')}`;
  const ids = new Map<string, string>();
  let onAnswer = (_msg: Msg) => {};
  const ask = asking(nc, (msg) => onAnswer(msg));

  const put = async (name: string, parts: Iterable<Uint8Array>) => {
    const id = nuid.next();
    const hash = createHash('sha256');
    let size = 0;
    let chunks = 0;
    let stored = 0;
    let isDescribed = false;
    let sent: Iterator<Uint8Array> | undefined = chunksIn(parts);
    await new Promise<void>((resolve) => {
      const send = () => {
        while (sent && chunks - stored < WINDOW) {
          const { done, value } = sent.next();
          if (done) {
            sent = undefined;
            break;
          }
          hash.update(value);
          size += value.length;
          chunks++;
          ask(chunksOf(id), value);
        }
        if (sent || stored < chunks) return;
        if (isDescribed) return resolve();
        isDescribed = true;
        const digest = `SHA-256=${hash.digest('base64url')}`;
        stored--;
        ask(described(name), JSON.stringify({ name, bucket, nuid: id, size, chunks, digest }));
      };
      onAnswer = (msg) => {
        checkStored(msg);
        stored++;
        send();
      };
      send();
    });
    const last = ids.get(name);
    ids.set(name, id);
    if (last) await streams.purge(stream, { filter: chunksOf(last) });
  };

  const get = async (name: string, onChunk: (chunk: Uint8Array) => void) => {
    const answer = await nc.request(`$JS.API.DIRECT.GET.${stream}.${described(name)}`);
    const { nuid: id, size: whole, digest } = answer.json<{ nuid: string; size: number; digest: string }>();
    const { name: consumer } = await consumers.add(stream, { ack_policy: 'none', filter_subject: chunksOf(id) });
    const hash = createHash('sha256');
    let size = 0;
    await new Promise<void>((resolve) => {
      const end = pulling(nc, { stream, consumer, window: WINDOW }, ({ data }) => {
        hash.update(data);
        onChunk(data);
        size += data.length;
        if (size === whole) resolve(end());
        return size < whole;
      });
    });
    await consumers.delete(stream, consumer);
    if (digest !== `SHA-256=${hash.digest('base64url')}`) throw new Error(`${name} has another digest.`);
    return size;
  };

  return {
    put: (name, data) => put(name, [data]),
    get: async (name) => {
      const chunks: Uint8Array[] = [];
      await get(name, (chunk) => chunks.push(chunk));
      return Buffer.concat(chunks).length;
    },
    putParts: (name, part, count) => put(name, Array<Uint8Array>(count).fill(part)),
    getParts: (name) => get(name, () => {}),
  };
}

/** The parts in chunks. */
function* chunksIn(parts: Iterable<Uint8Array>): Generator<Uint8Array> {
  let waiting: Uint8Array[] = [];
  let size = 0;
  for (const part of parts) {
    for (let at = 0; at < part.length; ) {
      const piece = part.subarray(at, at + CHUNK - size);
      waiting.push(piece);
      size += piece.length;
      at += piece.length;
      if (size < CHUNK) continue;
      yield Buffer.concat(waiting);
      waiting = [];
      size = 0;
    }
  }
  if (size > 0) yield Buffer.concat(waiting);
}
