import type { NodeAPI } from 'node-red';
import { CodedError, shown } from '../../../lib/coded-error';
import type { Connection } from '../../../lib/nats/connection/connection';
import type { Publication } from '../../../lib/nats/core/publication';
import { NATS_TEXTS, nodeError } from '../../shared/catalogue';
import type { Handler } from '../../shared/input';
import type { Reader } from './message-readers';
import type { Send } from './publishing';

/**
 * Publishes the messages of a batch, which is a message whose payload is a list. If one of them is invalid, none is
 * sent. The batch completes when all have; it fails with the error of the first failed one, and `msg.failed` lists them
 * all.
 */
export function publishingBatches(
  RED: NodeAPI,
  connection: Connection,
  publicationOf: Reader<Publication | undefined>,
  send: Send,
): Handler {
  return (msg, finish) => {
    const { payload } = msg;
    if (!Array.isArray(payload)) throw new CodedError('BAD_BATCH', { value: shown(payload) });
    const { length } = payload;
    const failures = new Map<number, unknown>();
    const end = () => {
      const failed = [...failures.keys()].sort((a, b) => a - b);
      const [first] = failed;
      const error = first === undefined ? undefined : failures.get(first);
      if (error === undefined) return finish();
      (msg as { failed?: number[] }).failed = failed;
      finish(batchError(RED, error, failed.length, length));
    };

    const publications: (Publication | undefined)[] = [];
    let open = 0;
    for (let index = 0; index < length; index++) {
      try {
        const publication = publicationOf(msg, index);
        if (publication) {
          connection.check(publication);
          open++;
        }
        publications.push(publication);
      } catch (error) {
        failures.set(index, error);
      }
    }
    if (failures.size > 0) return end();
    if (open === 0) return finish();

    for (const [index, publication] of publications.entries()) {
      if (!publication) continue;
      send(publication, msg, index, (error) => {
        if (error !== undefined) failures.set(index, error);
        if (--open === 0) end();
      });
    }
  };
}

/** The first error of a batch, with the number of errors. */
function batchError(RED: NodeAPI, error: unknown, failed: number, count: number): Error {
  const { code, message } = nodeError(RED, NATS_TEXTS, error) as Error & { code?: string };
  const summary = new Error(RED._(`${NATS_TEXTS}:batch.failed`, { failed, count, reason: message }));
  return code === undefined ? summary : Object.assign(summary, { name: code, code });
}
