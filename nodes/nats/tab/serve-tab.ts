import type { NodeAPI } from 'node-red';
import { CodedError } from '../../../lib/coded-error';
import { NATS_TEXTS, nodeError } from '../../shared/catalogue';
import { atMost, serveRoute } from '../../shared/route';
import { fieldsOf } from './fields';

/** What the tab asks. */
const LOOKS = ['servers', 'tail', 'streams', 'stream', 'message', 'buckets', 'bucket', 'services'] as const;
export type LookName = (typeof LOOKS)[number];

/** What a person changes in the tab. */
const CHANGES = ['publish', 'put', 'delete', 'purge', 'delete-consumer'] as const;
export type ChangeName = (typeof CHANGES)[number];

const looks = () => (require('./looks') as typeof import('./looks')).LOOKS;
const changes = () => (require('./changes') as typeof import('./changes')).CHANGES;

/** Looking shows what passes through a server, with the rights of its `nats-config`. */
const LOOKING = { permissions: ['nats-config.read'], maxBytes: 8 * 1024 };

/** A user who may deploy can change anything anyway. */
const CHANGING = { permissions: ['nats-config.write', 'flows.write'], maxBytes: 1024 * 1024 };

const AT_ONCE = 32;

/** Serves the NATS tab of the sidebar: POST /nats-tab/NAME for each of `LOOKS` and `CHANGES`. */
export function serveTab(RED: NodeAPI): void {
  const told = (error: CodedError) => nodeError(RED, NATS_TEXTS, error).message;
  const busy = () => new CodedError('BUSY-tab', { limit: AT_ONCE });
  for (const name of LOOKS) {
    const answer = atMost(AT_ONCE, busy, (body) => looks()[name](fieldsOf(body), told));
    serveRoute(RED, `/nats-tab/${name}`, { ...LOOKING, catalogue: NATS_TEXTS, answer });
  }
  for (const name of CHANGES) {
    const answer = atMost(AT_ONCE, busy, (body) => changes()[name](fieldsOf(body)));
    serveRoute(RED, `/nats-tab/${name}`, { ...CHANGING, catalogue: NATS_TEXTS, answer });
  }
}
