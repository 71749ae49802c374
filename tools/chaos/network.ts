import { once } from 'node:events';
import { type AddressInfo, createConnection, createServer, type Socket } from 'node:net';

/** A network between clients and a server that can fail. */
export interface Network {
  /** `nats://127.0.0.1:PORT` */
  url: string;
  /** Where new connections lead from now on: a port on the loopback address. */
  lead(port: number): void;
  /** Breaks all connections, and takes no new ones until it heals. */
  refuse(): void;
  /** Passes nothing on, without a word, until it heals; new connections too. */
  swallow(): void;
  /** Breaks each connection after so many more bytes from the client: in the middle of a message. */
  cutAfter(bytes: number): void;
  /** Works again; what it has swallowed comes late, or never. */
  heal(swallowed: 'comes late' | 'is lost'): void;
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
      // What was written goes out first.
      if (line.left <= 0) server.end(() => breakLine(line));
    });
    server.on('data', (chunk: Buffer) => client.write(chunk));
    if (mode === 'swallows') pause(line);
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  return {
    url: `nats://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    lead: (port) => {
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
        if (swallowed === 'is lost') breakLine(line);
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
