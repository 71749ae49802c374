import {
  type ConnectionOptions,
  type Deferred,
  deferred,
  type Msg,
  type MsgArg,
  ProtocolHandler,
  type Publisher,
  type Server,
  TD,
} from 'nats';
import { nodeResolveHost } from 'nats/lib/node_transport';
import { readDenial } from './permission-violation';
import { Reader } from './reader';
import { ReceivedMsg } from './received';
import { Transport } from './transport';

/**
 * The client's side of one connection, with our own transport, messages and reading of denials. Nothing in it is
 * shared: the client's own classes and functions stay as they are for other packs.
 */
export class Protocol extends ProtocolHandler {
  /** How many denials the server has sent. */
  denials = 0;

  constructor(options: ConnectionOptions, publisher: Publisher) {
    super(options, publisher);
    // A method that the client's types hide.
    Object.assign(this, { prepare: this.prepareDial });
  }

  /** The client would take the transport that the last one to connect in this process has set. */
  private prepareDial(): Deferred<void> {
    this.transport?.discard();
    this.resetOutbound();
    const transport = new Transport();
    Object.assign(this, { info: undefined, transport });
    // Later, as a dial goes on first where its PONG came in front of the error.
    this.parser = new Reader(this, (error) => setImmediate(() => this.onReadError(error, transport)));
    void transport.closed().then(() => {
      this.connected = false;
      if (!this.isClosed()) return this.disconnected(transport.closeError ?? this.lastError);
    });
    const pong = deferred<void>();
    // It may be rejected before the dial waits for it.
    pong.catch(() => {});
    this.pongs.unshift(pong);
    this.connectError = pong.reject;
    return pong;
  }

  private onReadError(error: Error, transport: Transport): void {
    if (transport.isClosed) return;
    if (this.connectError) this.connectError(error);
    else void transport.close(error);
  }

  /** Looks up a name by Node; the client would do as the last one to connect in this process has set. */
  override _doDial(server: Server): Promise<void> {
    const resolve: Server['resolve'] = (options) => server.resolve({ ...options, fn: nodeResolveHost, resolve: true });
    return super._doDial({ ...server, resolve });
  }

  /** As the client does, but with our kind of message. */
  override processMsg(head: MsgArg, data: Uint8Array): void {
    this.inMsgs++;
    this.inBytes += data.length;
    const subscription = this.subscriptions.get(head.sid);
    if (!subscription) return;
    subscription.received++;
    subscription.callback(null, new ReceivedMsg(head, data, this) as Msg);
    if (subscription.max !== undefined && subscription.received >= subscription.max) subscription.unsubscribe();
  }

  /** As the client does, but with our reading of a denial. */
  override processError(quoted: Uint8Array): void {
    const denial = readDenial(TD.decode(quoted).replace(/^'(.*)'$/s, '$1'), this.denials + 1);
    if (!denial) {
      super.processError(quoted);
      return;
    }
    this.denials++;
    const isInbox = denial.subject === this.subscriptions.getMux()?.subject;
    this.subscriptions.handleError(denial);
    this.muxSubscriptions.handleError(isInbox, denial);
    // The next request subscribes it again.
    if (isInbox) this.subscriptions.setMux(null);
    this.dispatchStatus({ type: 'error', error: denial });
  }
}
