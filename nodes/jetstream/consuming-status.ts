import type { Node, NodeAPI } from 'node-red';
import type { CodedError } from '../../lib/coded-error';
import { showDifference } from '../nats/shared/use-stream';
import { NATS_TEXTS } from '../shared/catalogue';
import { type Status, statusOf } from '../shared/status';
import { Trouble } from './trouble';

/** The numbers of messages are shown no more often than this. */
const REFRESH_MS = 1000;

/** The numbers of messages that are shown. */
interface Counts {
  /** In the flow. */
  readonly count: number;
  /** In the stream. */
  readonly waiting: number;
}

/** What a consuming node shows beside the states of its connection and its stream. */
export class ConsumingStatus {
  private readonly status: Status;
  private refresh: NodeJS.Timeout | undefined;
  private readonly trouble: Trouble;
  private isClosed = false;
  private readonly format: Intl.NumberFormat;
  /** How the consumer differs from the settings. */
  readonly showDifference: (error: CodedError | undefined) => void;

  /** `isAcknowledged`: whether a `nats-ack` has to say when a message is done. */
  constructor(
    private readonly RED: NodeAPI,
    node: Node,
    private readonly counts: () => Counts,
    isAcknowledged: boolean,
  ) {
    this.status = statusOf(node);
    this.trouble = new Trouble(RED, node);
    this.showDifference = showDifference(RED, node, 'mismatch');
    this.format = numberFormat(RED);
    const check = () => this.checkAcknowledged();
    if (isAcknowledged) RED.events.on('flows:started', check);
    node.on('close', () => {
      RED.events.off('flows:started', check);
      clearTimeout(this.refresh);
      this.isClosed = true;
    });
  }

  /** Why nothing is consumed. */
  showTrouble(error: CodedError | undefined): void {
    this.trouble.show(error);
  }

  /** The numbers have changed. Called for each message. */
  showCounts(): void {
    if (!this.isClosed) this.refresh ??= setTimeout(this.show, REFRESH_MS);
  }

  private readonly show = () => {
    this.refresh = undefined;
    const { count, waiting } = this.counts();
    const values = { inFlight: this.format.format(count), waiting: this.format.format(waiting) };
    const text = this.RED._(`${NATS_TEXTS}:status.consuming`, values);
    this.status.set('state', { fill: 'green', shape: 'dot', text });
  };

  /** Whether any flow has a node that acknowledges. */
  private checkAcknowledged(): void {
    let isFound = false;
    this.RED.nodes.eachNode(({ type, d }: { type: string; d?: boolean }) => {
      if (type === 'nats-ack' && !d) isFound = true;
    });
    if (isFound) this.status.clear('unacknowledged');
    else {
      const text = `${NATS_TEXTS}:status.noAck`;
      this.status.set('unacknowledged', { fill: 'yellow', shape: 'ring', text });
    }
  }
}

/** The format of numbers in the catalogue's language. */
function numberFormat(RED: NodeAPI): Intl.NumberFormat {
  const locale = RED._(`${NATS_TEXTS}:common.locale`);
  return new Intl.NumberFormat(/^[a-z]{2}(-[A-Z]{2})?$/.test(locale) ? locale : 'en-US');
}
