import assert from 'node:assert/strict';
import type { TestFlow } from './flow';

export const SUBSCRIBE = { id: 'subscribe', type: 'nats-subscribe', subject: 'news', wires: [['out']] };
export const PUBLISH = { id: 'publish', type: 'nats-publish', subject: 'news' };
export const OUT = { id: 'out', type: 'helper' };

/** Nodes that communicate through the server. */
export const ECHO = [SUBSCRIBE, PUBLISH, OUT];

/** Checks that a message published by these nodes is received by them. */
export async function assertWorks(flow: TestFlow): Promise<void> {
  await flow.connected();
  flow.send('publish', { payload: 'echo' });
  assert.equal((await flow.next('out')).payload, 'echo');
}
