import { once } from 'node:events';
import { createConnection, type Socket } from 'node:net';
import type { TestContext } from 'node:test';

/** A plain TCP connection to a NATS server, for tests of the protocol. */
export interface Wire {
  send(bytes: string): void;
  /** Resolves with the first match in the bytes received since the previous match. */
  expect(pattern: RegExp): Promise<RegExpExecArray>;
}

/** Opens a connection until the test ends, and skips the server's greeting. */
export async function openWire(t: TestContext, port: number): Promise<Wire> {
  const socket: Socket = createConnection(port, '127.0.0.1');
  t.after(() => socket.destroy());
  // A server that stops before the socket resets it.
  socket.on('error', () => {});
  let received = '';
  socket.setEncoding('latin1');
  socket.on('data', (chunk: string) => {
    // The server sends a PING at intervals.
    received = (received + chunk).replace(/(?<=^|\r\n)PING\r\n/g, () => {
      socket.write('PONG\r\n');
      return '';
    });
  });
  const wire: Wire = {
    send: (bytes) => socket.write(bytes, 'latin1'),
    expect: async (pattern) => {
      for (;;) {
        const match = pattern.exec(received);
        if (match) {
          received = received.slice(match.index + match[0].length);
          return match;
        }
        await once(socket, 'data');
      }
    },
  };
  await wire.expect(/^INFO \{.*\}[^\n]*\r\n/);
  return wire;
}
