import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createConnection, createServer, type Socket } from 'node:net';
import type { TestContext } from 'node:test';
import { Inbox } from './inbox';

/** What a hostile server sends to its first client. */
export interface Attack {
  greeting?: string;
  /** Sent once, before the lines. */
  first?: string;
  /** Sent so many times; each `#` in it becomes a number that has not been sent before. */
  line?: string;
  times?: number;
  /** Sends each line, and each byte of a greeting, in a packet of its own. */
  inPackets?: boolean;
  /** Sends all this instead of the first PONG. */
  beforePong?: boolean;
  /** Reads nothing from then on. */
  isDeaf?: boolean;
}

/** The greeting of a server that is not hostile yet. */
export const GREETING =
  'INFO {"server_id":"fake","version":"2.10.0","proto":1,"max_payload":1048576,"headers":true}\r\n';

/** The subject of the message that follows an attack, if the client subscribes to it and is still there. */
export const AFTERWARDS = 'afterwards';

const CHUNK_BYTES = 1024 * 1024;

/** A hostile server for one client. It forwards all later ones to a real server. */
interface HostileServer {
  port: number;
  /** Resolves when the first client is gone. */
  isOver: Promise<void>;
}

/** In a process of its own, so that its work does not count as that of the client. */
export async function startHostileServer(t: TestContext, attack: Attack, to: number): Promise<HostileServer> {
  const child: ChildProcess = fork(__filename, { serialization: 'advanced', execArgv: [] });
  t.after(() => child.kill('SIGKILL'));
  const messages = new Inbox<number>();
  child.on('message', (message) => messages.put(message as number));
  child.send({ attack, to });
  const port = await messages.take();
  return { port, isOver: messages.take().then(() => {}) };
}

async function serve(attack: Attack, to: number): Promise<void> {
  let isFirst = true;
  const server = createServer({ noDelay: true }, (client) => {
    client.on('error', () => {});
    if (!isFirst) {
      const real = createConnection(to, '127.0.0.1').on('error', () => client.destroy());
      client.pipe(real).pipe(client);
      return;
    }
    isFirst = false;
    client.once('close', () => process.send?.(0));
    void attackClient(client, attack);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  process.send?.((server.address() as AddressInfo).port);
}

async function attackClient(client: Socket, attack: Attack): Promise<void> {
  let text = '';
  const heard = new Inbox<string>();
  client.setEncoding('latin1').on('data', (received: string) => {
    const lines = (text + received).split('\r\n');
    text = lines.pop() ?? '';
    for (const line of lines) if (/^(PING|SUB)/.test(line)) heard.put(line);
  });
  const { greeting = GREETING, first = '', beforePong, isDeaf } = attack;
  for (const piece of attack.inPackets ? greeting : [greeting]) await send(client, piece);
  while ((await heard.take()) !== 'PING');
  if (beforePong) await pour(client, attack);
  await send(client, 'PONG\r\n');
  let sid: string | undefined;
  while (sid === undefined) [, sid] = (await heard.take()).split(`SUB ${AFTERWARDS} `);
  if (isDeaf) client.pause();
  await send(client, first);
  if (!beforePong) await pour(client, attack);
  await send(client, `MSG ${AFTERWARDS} ${sid} 0\r\n\r\n`);
  // Unread bytes would turn the end of the connection into its reset, which could overtake the message.
  client.resume().end();
}

async function pour(client: Socket, { line = '', times = 0, inPackets }: Attack): Promise<void> {
  const many = line.includes('#') || inPackets ? 1 : Math.max(1, Math.floor(CHUNK_BYTES / (line.length + 1)));
  const chunk = line.repeat(many);
  let batch = '';
  for (let sent = 0; sent < times && !client.destroyed; sent += many) {
    batch += chunk.replaceAll('#', String(sent));
    if (!inPackets && batch.length < CHUNK_BYTES && sent + many < times) continue;
    await send(client, batch);
    batch = '';
  }
}

async function send(client: Socket, bytes: string): Promise<void> {
  if (client.destroyed || client.write(bytes, 'latin1')) return;
  const either = new AbortController();
  await Promise.race(['drain', 'close'].map((event) => once(client, event, either))).catch(() => {});
  either.abort();
}

if (process.send && require.main === module) {
  process.once('message', ({ attack, to }: { attack: Attack; to: number }) => void serve(attack, to));
}
