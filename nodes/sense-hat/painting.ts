import type { NodeAPI } from 'node-red';
import { SENSE_HAT_TEXTS } from '../shared/catalogue';
import { serveRoute } from '../shared/route';
import type { Painting } from './paint';

/**
 * Serves POST /sense-led/show, which queues a picture on a display that a flow uses, without passing through the flow.
 * The response follows when the picture has been shown, or has the reason why it was not. This requires the permission
 * to deploy, with which a user can show anything anyway.
 */
export function servePainting(RED: NodeAPI): void {
  serveRoute(RED, '/sense-led/show', {
    permissions: ['sense-led.write', 'flows.write'],
    maxBytes: 16 * 1024,
    catalogue: SENSE_HAT_TEXTS,
    answer: async (body) => {
      const { paint } = require('./paint') as typeof import('./paint');
      await paint(body as Painting);
      return {};
    },
  });
}
