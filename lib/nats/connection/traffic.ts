import type { NatsConnection } from 'nats';

/** Messages and bytes of payload in each direction. */
export interface Traffic {
  inMessages: number;
  inBytes: number;
  outMessages: number;
  outBytes: number;
}

/** Adds up what the established connections of a connection have carried. The client counts it anyway. */
export class TrafficCount {
  private ended: Traffic = { inMessages: 0, inBytes: 0, outMessages: 0, outBytes: 0 };

  /** An established connection has ended. */
  add(nc: NatsConnection): void {
    this.ended = this.with(nc);
  }

  /** The sum with that of the connection that is established now. */
  with(nc: NatsConnection | undefined): Traffic {
    const { inMessages, inBytes, outMessages, outBytes } = this.ended;
    const now = nc?.stats() ?? { inMsgs: 0, inBytes: 0, outMsgs: 0, outBytes: 0 };
    return {
      inMessages: inMessages + now.inMsgs,
      inBytes: inBytes + now.inBytes,
      outMessages: outMessages + now.outMsgs,
      outBytes: outBytes + now.outBytes,
    };
  }
}
