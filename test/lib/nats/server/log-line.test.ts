import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isReady, parseLogLine } from '../../../../lib/nats/server/log-line';

test('a line of the log is read without process id and time', () => {
  for (const [line, text, message, isError] of [
    ['[12] [INF] Server is ready', '[INF] Server is ready', 'Server is ready', false],
    ['[12] 2025/01/31 08:00:00.123456 [ERR] no [WRN] here', '[ERR] no [WRN] here', 'no [WRN] here', true],
    ['[12] 2025/01/31 08:00:00 [FTL] Error', '[FTL] Error', 'Error', true],
    ['[12] [INF] ', '[INF] ', '', false],
    ['nats-server: a.conf:1:2: bad', 'nats-server: a.conf:1:2: bad', 'nats-server: a.conf:1:2: bad', false],
    ['', '', '', false],
  ] as const) {
    assert.deepEqual(parseLogLine(line), { text, message, isError }, line);
    assert.equal(isReady(parseLogLine(line)), message === 'Server is ready');
  }
});
