import type { NodeAPI } from 'node-red';
import { CodedError } from '../../lib/coded-error';
import { CONNECTING } from '../nats/test-connection';
import { NATS_TEXTS } from '../shared/catalogue';
import { atMost, serveRoute } from '../shared/route';
import type { TypedStream } from './stream-look';

const MAX_LOOKS = 2;

/** Answers POST /nats-stream/look, which is for users who may test connections; see `look`. */
export function serveStreamLook(RED: NodeAPI): void {
  serveRoute(RED, '/nats-stream/look', {
    ...CONNECTING,
    catalogue: NATS_TEXTS,
    answer: atMost(
      MAX_LOOKS,
      () => new CodedError('BUSY-look', { limit: MAX_LOOKS }),
      (body) => (require('./stream-look') as typeof import('./stream-look')).look(RED, body as TypedStream),
    ),
  });
}
