import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Node, NodeAPI, NodeStatus } from 'node-red';
import { CodedError } from '../../../lib/coded-error';
import type { SensingState } from '../../../lib/sense-hat/sensors/sensing';
import { sensorStatus } from '../../../nodes/sense-hat/sensor-status';

/** What a node shows and logs for successive states. */
function startStatus() {
  const shown: NodeStatus[] = [];
  const logged: string[] = [];
  // The sentence of each sensor is the same, as that of all sensors of a bus.
  const sentence = (key: string, { sensor = '' }: Record<string, string> = {}) =>
    key.split(':')[1] + (sensor === '\0' ? sensor : '');
  const RED = { _: sentence } as unknown as NodeAPI;
  const node = {
    on: () => {},
    status: (status: NodeStatus) => shown.push(status),
    error: ({ message }: Error) => logged.push(message),
  } as unknown as Node;
  return { show: sensorStatus(RED, node), shown, logged };
}

const GOOD: SensingState = { origin: 'hat', hasValues: true, troubles: [] };
const silent = (sensor: string) => new CodedError('SENSOR-silent', { sensor });

test('the colour says whether all, some or none of the sensors can be read', () => {
  const table: [Partial<SensingState>, NodeStatus][] = [
    [{}, { fill: 'green', shape: 'dot', text: 'status.measuring' }],
    [{ origin: 'emulator' }, { fill: 'grey', shape: 'dot', text: 'status.emulator' }],
    [{ origin: 'simulator' }, { fill: 'grey', shape: 'dot', text: 'status.simulator' }],
    [{ origin: 'no hat' }, { fill: 'grey', shape: 'dot', text: 'status.missing' }],
    [{ hasValues: false }, { fill: 'grey', shape: 'ring', text: 'status.waiting' }],
    [{ troubles: [silent('LPS25H')] }, { fill: 'yellow', shape: 'ring', text: 'errors.SENSOR-silent' }],
    [
      { hasValues: false, troubles: [silent('HTS221'), silent('LPS25H')] },
      { fill: 'red', shape: 'ring', text: 'errors.SENSOR-silent' },
    ],
    [
      { troubles: [new CodedError('NO_CPU_TEMPERATURE')] },
      { fill: 'yellow', shape: 'ring', text: '@natshat/node-red/sense-led:errors.NO_CPU_TEMPERATURE' },
    ],
    [
      { troubles: [silent('LPS25H'), new CodedError('NO_CPU_TEMPERATURE')] },
      { fill: 'yellow', shape: 'ring', text: 'errors.SENSOR-silent; errors.NO_CPU_TEMPERATURE' },
    ],
  ];
  for (const [state, expected] of table) {
    const { show, shown } = startStatus();
    show({ ...GOOD, ...state });
    assert.deepEqual(shown.at(-1), expected);
  }
});

test('a trouble that is over is gone from the status, and one that comes back soon is not logged again', (t) => {
  let now = 0;
  t.mock.method(performance, 'now', () => now);
  const { show, shown, logged } = startStatus();
  for (let time = 0; time < 3; time++) {
    show({ ...GOOD, troubles: [silent('LPS25H')] });
    show(GOOD);
    now += 1000;
  }
  assert.equal(shown.at(-1)?.fill, 'green');
  assert.equal(logged.length, 1);
  now += 60_000;
  show({ ...GOOD, troubles: [silent('LPS25H')] });
  assert.equal(logged.length, 2);
});
