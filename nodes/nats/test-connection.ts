import type { NodeAPI } from 'node-red';
import { CodedError } from '../../lib/coded-error';
import { NATS_TEXTS } from '../shared/catalogue';
import { atMost, serveRoute } from '../shared/route';
import type { TypedServer } from './typed-options';

/**
 * Routes that connect with the values in a dialog are only for users who may deploy, because they can make any
 * connection anyway. Secrets are never sent back.
 */
export const CONNECTING = { permissions: ['nats-config.write', 'flows.write'], maxBytes: 256 * 1024 };

const MAX_TESTS = 2;
const LONGEST_MS = 60_000;

/** Answers POST /nats-config/test: connects once with the values in the dialog, and reports the server or the error. */
export function serveConnectionTest(RED: NodeAPI): void {
  serveRoute(RED, '/nats-config/test', {
    ...CONNECTING,
    catalogue: NATS_TEXTS,
    answer: atMost(
      MAX_TESTS,
      () => new CodedError('BUSY', { limit: MAX_TESTS }),
      async (body) => {
        const { probe } =
          require('../../lib/nats/connection/probe') as typeof import('../../lib/nats/connection/probe');
        const { typedOptions } = require('./typed-options') as typeof import('./typed-options');
        return probe(typedOptions(RED, body as TypedServer), LONGEST_MS);
      },
    ),
  });
}
