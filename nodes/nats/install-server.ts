import type { NodeAPI } from 'node-red';
import { CodedError } from '../../lib/coded-error';
import { NATS_TEXTS } from '../shared/catalogue';
import { atMost, serveRoute } from '../shared/route';

/** Only for users who may deploy a `nats-server`, which starts a program of this machine anyway. */
const RUNNING = { permissions: ['nats-server.write', 'flows.write'], maxBytes: 1024 };

const program = () => require('./server-program') as typeof import('./server-program');

/**
 * Answers POST /nats-server/program with a `ProgramReport`, and POST /nats-server/install, which installs the server
 * first. Nothing in a request changes what is installed.
 */
export function serveInstallation(RED: NodeAPI): void {
  const busy = () => new CodedError('BUSY-install');
  serveRoute(RED, '/nats-server/program', {
    ...RUNNING,
    catalogue: NATS_TEXTS,
    answer: () => program().programReport(RED),
  });
  serveRoute(RED, '/nats-server/install', {
    ...RUNNING,
    catalogue: NATS_TEXTS,
    answer: atMost(1, busy, () => program().installProgram(RED)),
  });
}
