import { once } from 'node:events';
import { type AddressInfo, createConnection, createServer, type Socket } from 'node:net';

/** A network between clients and a server, with faults on demand. */
export interface Network {
  /** `nats://127.0.0.1:PORT` */
  url: string;
  /** Directs new connections to another port on the loopback address. */
  redirect(port: number): void;
  /** Breaks all connections, and refuses new ones until it heals. */
  refuse(): void;
  /** Silently withholds all bytes until it heals, also those of new connections. */
  swallow(): void;
  /** Breaks each connection after some more bytes from the client, usually in the middle of a message. */
  cutAfter(bytes: number): void;
  /** Works again, and delivers or drops the bytes that it has swallowed. */
  heal(swallowed: 'deliver' | 'drop'): void;
  close(): void;
}

/** A client's connection to the server. */
interface Line {
  client: Socket;
  server: Socket;
  /** The number of bytes until it breaks. */
  left: number;
}

/** Starts a network to a server's port on the loopback address. */
export async function startNetwork(port: number): Promise<Network> {
  const lines = new Set<Line>();
  let destination = port;
  let mode: 'works' | 'refuses' | 'swallows' = 'works';
  const breakLine = (line: Line) => {
    lines.delete(line);
    line.client.destroy();
    line.server.destroy();
  };
  const proxy = createServer((client) => {
    if (mode === 'refuses') {
      client.resetAndDestroy();
      return;
    }
    const server = createConnection(destination, '127.0.0.1');
    const line: Line = { client, server, left: Number.POSITIVE_INFINITY };
    lines.add(line);
    for (const socket of [client, server]) {
      socket.setNoDelay(true);
      socket.on('error', () => {});
      socket.on('close', () => breakLine(line));
    }
    client.on('data', (chunk: Buffer) => {
      server.write(chunk.subarray(0, line.left));
      line.left -= chunk.length;
      // The server gets the last bytes before the connection breaks.
      if (line.left <= 0) server.end(() => breakLine(line));
    });
    server.on('data', (chunk: Buffer) => client.write(chunk));
    if (mode === 'swallows') pause(line);
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  return {
    url: `nats://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    redirect: (port) => {
      destination = port;
    },
    refuse: () => {
      mode = 'refuses';
      for (const line of lines) breakLine(line);
    },
    swallow: () => {
      mode = 'swallows';
      for (const line of lines) pause(line);
    },
    cutAfter: (bytes) => {
      for (const line of lines) line.left = bytes;
    },
    heal: (swallowed) => {
      mode = 'works';
      for (const line of lines) {
        if (!line.client.isPaused()) continue;
        if (swallowed === 'drop') breakLine(line);
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

function pause({ client, server }: Line): void {
  client.pause();
  server.pause();
}
