import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Node, NodeAPI, NodeStatus } from 'node-red';
import { CodedError } from '../../../lib/coded-error';
import type { Connection } from '../../../lib/nats/connection/connection';
import type { Endpoint } from '../../../lib/nats/services/endpoint';
import type { TroubleListener } from '../../../lib/nats/services/service';
import { useService } from '../../../nodes/nats/shared/use-service';

test('a reason without values is left to the editor to translate, and one with values is a sentence', () => {
  const shown: NodeStatus[] = [];
  let tell: TroubleListener = () => {};
  const service = {
    add(_endpoint: Endpoint, onTrouble: TroubleListener) {
      tell = onTrouble;
    },
  };
  const RED = {
    nodes: { getNode: () => ({ serviceOn: () => service }) },
    _: (_key: string, { subject }: Record<string, string> = {}) => `no permission ${subject ?? ''}`.trim(),
  } as unknown as NodeAPI;
  const node = { on: () => {}, status: (status: NodeStatus) => shown.push(status) } as unknown as Node;
  useService(RED, node, 'service', {} as Connection, {} as Endpoint);
  tell(new CodedError('PERMISSION'));
  tell(new CodedError('PERMISSION-subscribe', { subject: '$SRV.PING' }));
  tell(undefined);
  const look = { fill: 'yellow', shape: 'dot' };
  assert.deepEqual(shown, [
    { ...look, text: '@natshat/node-red/nats-config:errors.PERMISSION' },
    { ...look, text: 'no permission $SRV.PING' },
    {},
  ]);
});
