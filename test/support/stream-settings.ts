import type { StreamSettings } from '../../lib/nats/jetstream/stream-config';

/** A stream with the defaults of the dialog. */
export const ORDERS: StreamSettings = {
  name: 'ORDERS',
  subjects: ['orders.>'],
  create: true,
  retention: 'limits',
  storage: 'file',
  replicas: 1,
  maxAgeMs: 0,
  maxBytes: 0,
  maxMessages: 0,
  discard: 'new',
  duplicateWindowMs: 120_000,
};
