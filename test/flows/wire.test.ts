import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startNatsServer } from '../../scripts/nats-server';
import { exampleFlow } from '../support/examples';
import { startRuntime } from '../support/runtime';
import { openWire } from '../support/wire';

// The messages of the scripts of 2016 (txnats): https://github.com/wallyqs/txnats
const CONNECT =
  'CONNECT {"verbose": false, "pedantic": false, "ssl_required": false, "lang": "py.twisted", "version": "0.7.0"}\r\n';

test('the Pi flow answers the messages of send_sense.py, byte for byte', async (t) => {
  const server = await startNatsServer();
  t.after(server.stop);
  const fast = exampleFlow('Pi shows words', server.url).map((node) =>
    node.type === 'sense-led' ? { ...node, secondsPerColumn: 0.01 } : node,
  );
  await startRuntime(t, fast);

  const sendSense = await openWire(t, server.port);
  sendSense.send(CONNECT);
  sendSense.send('SUB inbox_q1w2e3r4 1\r\n');
  sendSense.send('PUB senseshow inbox_q1w2e3r4 5\r\nhello\r\n');
  sendSense.send('PUB senseshow inbox_q1w2e3r4 5\r\nworld\r\n');
  const answer = 'MSG inbox_q1w2e3r4 1 33\r\nMessage displayed by raspberrypi!\r\n';
  const [both] = await sendSense.expect(/^(MSG .*?\r\n.*?\r\n){2}/s);
  assert.equal(both, answer + answer);

  // Without a reply subject the word is shown, and nothing else is sent.
  const listener = await openWire(t, server.port);
  listener.send(`${CONNECT}SUB > 1\r\nPING\r\n`);
  await listener.expect(/^PONG\r\n/);
  sendSense.send('PUB senseshow 5\r\nquiet\r\nPUB senseshow inbox_q1w2e3r4 4\r\nlast\r\n');
  const [heard] = await listener.expect(/^.*?Message displayed by raspberrypi!\r\n/s);
  assert.equal(
    heard,
    'MSG senseshow 1 5\r\nquiet\r\nMSG senseshow 1 inbox_q1w2e3r4 4\r\nlast\r\nMSG inbox_q1w2e3r4 1 33\r\nMessage displayed by raspberrypi!\r\n',
  );
});

test('the Pi flow shows a word as sense_led_serve.py does, and answers afterwards', async (t) => {
  const server = await startNatsServer();
  t.after(server.stop);
  const runtime = await startRuntime(t, exampleFlow('Pi shows words', server.url));
  const sendSense = await openWire(t, server.port);
  sendSense.send(`${CONNECT}SUB inbox_q1w2e3r4 1\r\n`);
  await runtime.frame();
  const startedAt = performance.now();
  sendSense.send('PUB senseshow inbox_q1w2e3r4 2\r\nHi\r\n');
  await sendSense.expect(/^MSG .*?\r\n.*?\r\n/s);
  const elapsed = performance.now() - startedAt;
  // 8 columns, then 4 and 1 of the letters, each with a blank one after it, 0.1 s each.
  assert(elapsed >= (8 + 5 + 2) * 100 - 5, `${elapsed} ms`);
  assert.match((await runtime.frame()).toString('hex'), /^(0000){64}$/);
  assert.match((await runtime.frame()).toString('hex'), /^(?=.*2533)(0000|2533)+$/);
});

test('the laptop flow drives sense_led_serve.py and reads its answers, on a new subject at each start', async (t) => {
  const server = await startNatsServer();
  t.after(server.stop);
  const replies = new Set<string>();
  for (const start of ['first', 'second']) {
    await t.test(`${start} start`, async (t) => {
      const serve = await openWire(t, server.port);
      serve.send(`${CONNECT}SUB senseshow 1\r\nPING\r\n`);
      await serve.expect(/^PONG\r\n/);
      const runtime = await startRuntime(t, exampleFlow('Laptop sends words', server.url));
      await runtime.click({ payload: 'hello world' });

      for (const word of ['hello', 'world']) {
        const [, reply] = await serve.expect(new RegExp(`^MSG senseshow 1 (\\S+) 5\\r\\n${word}\\r\\n`));
        // The original accepts subjects of two tokens at most.
        assert.match(String(reply), /^[^.\s]+(\.[^.\s]+)?$/);
        replies.add(String(reply));
        serve.send(`PUB ${reply} 27\r\nMessage diplayed by sensor!\r\n`);
        assert.equal(await runtime.debugged('answers'), 'Message diplayed by sensor!');
      }
    });
  }
  assert.equal(replies.size, 2, 'two laptops do not read answers of each other');
});
