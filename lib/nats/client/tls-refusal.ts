import { once } from 'node:events';
import { connect as connectPlain, isIP, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';

const LONGEST_MS = 2000;

/**
 * Finds out whether a server (`host:port`) refuses this client's certificate, or that it has none, and resolves with
 * Node's error, or else with `undefined`.
 *
 * In TLS 1.3 that refusal comes after the handshake, and the NATS client knows only that nothing more came. Nothing
 * is sent here but a handshake.
 */
export async function tlsRefusal(
  server: string,
  { handshakeFirst, ...tls }: ConnectionOptions & { handshakeFirst?: boolean },
  signal: AbortSignal,
): Promise<Error | undefined> {
  const { hostname, port } = new URL(`nats://${server}`);
  const host = hostname.replace(/^\[|\]$/g, '');
  const plain = connectPlain(Number(port), host);
  const sockets: Socket[] = [plain];
  const ends = AbortSignal.any([signal, AbortSignal.timeout(LONGEST_MS)]);
  try {
    await once(plain, 'connect', { signal: ends });
    // Where the handshake is not the first, the server's greeting asks for it: a line.
    for (let last = ''; !handshakeFirst && !last.endsWith('\n'); ) {
      [last] = (await once(plain.setEncoding('latin1'), 'data', { signal: ends })) as [string];
    }
    const secure = connectTls({ host, ...(isIP(host) === 0 && { servername: host }), ...tls, socket: plain });
    sockets.push(secure);
    secure.resume();
    await once(secure, 'close', { signal: ends });
    return undefined;
  } catch (error) {
    return ends.aborted ? undefined : (error as Error);
  } finally {
    for (const socket of sockets) socket.on('error', () => {}).destroy();
  }
}
