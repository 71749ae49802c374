import { once } from 'node:events';
import { type AddressInfo, createConnection, createServer, type Socket } from 'node:net';

/** A network between clients and a server that can fail. */
export interface Network {
  /** `nats://127.0.0.1:PORT` */
  url: string;
  /** Breaks all connections, and takes no new ones until it heals. */
  refuse(): void;
  /** Passes nothing on, without a word, until it heals; new connections too. */
  swallow(): void;
  /** Breaks each connection after so many more bytes from the client: in the middle of a message. */
  cutAfter(bytes: number): void;
  /** Works again; what it has swallowed comes late, or never. */
  heal(passOn: boolean): void;
  close(): void;
}

/** One client's way to the server. */
interface Line {
  client: Socket;
  server: Socket;
  /** How many bytes may still pass; then it breaks. */
  left: number;
}

/** Starts a network to a server's port on the loopback address. */
export async function startNetwork(port: number): Promise<Network> {
  const lines = new Set<Line>();
  let mode: 'works' | 'refuses' | 'swallows' = 'works';
  const breakLine = ({ client, server }: Line) => {
    client.destroy();
    server.destroy();
  };
  const proxy = createServer((client) => {
    if (mode === 'refuses') {
      client.resetAndDestroy();
      return;
    }
    const server = createConnection(port, '127.0.0.1');
    const line: Line = { client, server, left: Number.POSITIVE_INFINITY };
    lines.add(line);
    for (const socket of [client, server]) {
      socket.setNoDelay(true);
      socket.on('error', () => {});
      socket.on('close', () => {
        breakLine(line);
        lines.delete(line);
      });
      if (mode === 'swallows') socket.pause();
    }
    client.on('data', (chunk: Buffer) => {
      server.write(chunk.subarray(0, line.left));
      line.left -= chunk.length;
      // What was written goes out first.
      if (line.left <= 0) server.end(() => breakLine(line));
    });
    server.on('data', (chunk: Buffer) => client.write(chunk));
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  return {
    url: `nats://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    refuse: () => {
      mode = 'refuses';
      for (const line of lines) breakLine(line);
    },
    swallow: () => {
      mode = 'swallows';
      for (const { client, server } of lines) {
        client.pause();
        server.pause();
      }
    },
    cutAfter: (bytes) => {
      for (const line of lines) line.left = bytes;
    },
    heal: (passOn) => {
      mode = 'works';
      for (const line of lines) {
        if (!passOn && line.client.isPaused()) breakLine(line);
        line.client.resume();
        line.server.resume();
      }
    },
    close: () => {
      proxy.close();
      for (const line of lines) breakLine(line);
    },
  };
}
