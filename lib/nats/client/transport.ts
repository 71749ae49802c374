import { once } from 'node:events';
import { createConnection } from 'node:net';
import { NodeTransport } from 'nats/lib/node_transport';

const transport = NodeTransport.prototype;
const { close, tlsFirst } = transport;

/** The client would forget a socket that waits for the server's greeting, and leave it open. */
transport.close = async function (error) {
  if (this.connected) await close.call(this, error);
  else this.discard();
};

/** The client would first wait until the socket has taken all, which it never does where the server reads nothing. */
transport.disconnect = function () {
  if (this.connected) void this.close();
};

/** The client would know the socket only when it is connected, and not end it before. */
transport.dial = async function ({ hostname, port }) {
  this.socket = createConnection(port, hostname).setNoDelay(true);
  await once(this.socket, 'connect');
  return this.socket;
};

/** Over a socket that can be ended. */
transport.tlsFirst = async function (address) {
  this.socket = await this.dial(address);
  return tlsFirst.call(this, address);
};
