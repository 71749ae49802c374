import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { NatsConnectionImpl } from 'nats';
import { publish } from '../../../../lib/nats/client/publish';
import type { Transport } from '../../../../lib/nats/client/transport';
import { startNatsServer } from '../../../../scripts/nats-server';
import { makeCertificate } from '../../../support/certificates';
import { dialServer } from '../../../support/dial';
import { freeze, NO_FREEZE } from '../../../support/freeze';
import { startPeer } from '../../../support/peer';

const MIB = 1024 * 1024;
const ROUNDS = 2;

/** Small messages share memory, and large ones get memory of their own, which small ones may use again. */
const SIZES = [0, 1, 700, 65_536, 13, 4096, 300_000, 16, 60_000, MIB, 5, 65_500, 200_000];
const CHARACTERS = ['a', 'ÿ', '日', '🙂', '\ud800'];

/** A text that begins with a number and has, in UTF-8, about the size that is its turn; never more. */
function textOf(n: number): string {
  const size = SIZES[n % SIZES.length] as number;
  const character = CHARACTERS[n % CHARACTERS.length] as string;
  const start = `${n}`.slice(0, size);
  return start + character.repeat((size - start.length) / Buffer.byteLength(character));
}

function digest(data: string | Uint8Array): string {
  return createHash('sha1').update(data).digest('hex');
}

for (const how of ['plainly', 'with TLS']) {
  test(`a server that is frozen at times receives what was published, ${how}`, { skip: NO_FREEZE }, async (t) => {
    const { cert, key } = makeCertificate();
    const secure = how === 'with TLS';
    const options = secure ? { tls: { rejectUnauthorized: false } } : {};
    const server = await startNatsServer({ config: secure ? `tls { cert_file: "${cert}", key_file: "${key}" }` : '' });
    t.after(() => server.stop());
    const nc = await dialServer(t, server.port, options);
    const inbox = await (await startPeer(t, server.url, options)).subscribe('to.me');
    const transport = (nc as NatsConnectionImpl).protocol.transport as Transport;
    const { socket } = transport;
    assert.equal(transport.isEncrypted(), secure);
    const expected: string[] = [];
    const publishNext = () => {
      const n = expected.length;
      const text = textOf(n);
      const data = n % 3 === 0 ? Buffer.from(text) : text;
      expected.push(digest(data));
      publish(nc, { subject: 'to.me', data });
      if (typeof data !== 'string') data.fill('!');
    };
    for (let round = 0; round < ROUNDS; round++) {
      await freeze(server);
      while (socket.writableLength < 4 * MIB) {
        publishNext();
        if (expected.length % 4 === 0) await nextTurn();
      }
      server.process.kill('SIGCONT');
      // The client keeps publishing while the socket drains, and after that.
      for (let more = 0; more < 40 || socket.writableLength > 0; more++) {
        if (more % 2 === 0) publishNext();
        await nextTurn();
      }
    }
    for (const [n, one] of expected.entries()) {
      const { data } = await inbox.take();
      assert.equal(digest(data), one, `message ${n} with ${data.length} bytes`);
    }
  });
}
