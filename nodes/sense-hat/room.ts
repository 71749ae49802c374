import type { NodeAPI } from 'node-red';
import { CodedError } from '../../lib/coded-error';
import { SENSE_HAT_TEXTS } from '../shared/catalogue';
import { atMost, serveRoute } from '../shared/route';
import type { RoomQuestion } from './factor';

const MAX_QUESTIONS = 2;

/**
 * Answers POST /sense-sensors/room: measures now, and reports the factor of the correction by the processor. Only for
 * users who may deploy, because it opens a device.
 */
export function serveRoom(RED: NodeAPI): void {
  serveRoute(RED, '/sense-sensors/room', {
    permissions: ['sense-sensors.write', 'flows.write'],
    maxBytes: 4096,
    catalogue: SENSE_HAT_TEXTS,
    answer: atMost(
      MAX_QUESTIONS,
      () => new CodedError('BUSY-room', { limit: MAX_QUESTIONS }),
      (body) => (require('./factor') as typeof import('./factor')).reportFactor(RED, body as RoomQuestion),
    ),
  });
}
