import { connect } from 'node:net';
import { parseGreeting } from '../client/info';

/** What listens on a port. */
export interface PortOwner {
  /** The version of a NATS server; `undefined` for anything else. */
  version?: string;
}

/** A NATS server greets at once. */
const LONGEST_GREETING_MS = 1000;
const MAX_GREETING = 64 * 1024;

/** What listens on a port of the loopback address; `undefined` if nothing does. */
export function portOwner(port: number): Promise<PortOwner | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    let greeting = Buffer.alloc(0);
    let isOpen = false;
    const end = () => {
      clearTimeout(late);
      socket.destroy();
      resolve(isOpen ? describe(greeting) : undefined);
    };
    const late = setTimeout(end, LONGEST_GREETING_MS);
    socket.once('connect', () => {
      isOpen = true;
    });
    socket.on('data', (data) => {
      greeting = Buffer.concat([greeting, data]);
      if (greeting.includes('\n') || greeting.length > MAX_GREETING) end();
    });
    socket.once('error', end);
    socket.once('end', end);
  });
}

function describe(greeting: Buffer): PortOwner {
  try {
    const { version } = parseGreeting(greeting.subarray(0, greeting.indexOf('\n') + 1));
    return version ? { version } : {};
  } catch {
    return {};
  }
}
