import { once } from 'node:events';
import { createConnection, type Socket } from 'node:net';
import type { TestContext } from 'node:test';

/** A plain TCP connection to a NATS server, for what goes over the wire byte by byte. */
export interface Wire {
  send(bytes: string): void;
  /** Resolves with the match once the bytes received, less those of earlier matches, have one. */
  expect(pattern: RegExp): Promise<RegExpExecArray>;
}

/** Opens a connection until the test ends; its server's greeting has been read. */
export async function openWire(t: TestContext, port: number): Promise<Wire> {
  const socket: Socket = createConnection(port, '127.0.0.1');
  t.after(() => socket.destroy());
  let received = '';
  socket.setEncoding('latin1');
  socket.on('data', (chunk: string) => {
    // The server asks now and then whether the client lives.
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
