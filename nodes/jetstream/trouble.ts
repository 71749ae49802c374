import type { Node, NodeAPI } from 'node-red';
import type { CodedError } from '../../lib/coded-error';
import { NATS_TEXTS, nodeError, sentenceOf, statusTextOf } from '../shared/catalogue';
import { type Status, statusOf } from '../shared/status';

/** The errors that a node waits out instead of turning red. */
const AWAITED = ['NO_BUCKET'];

/** What a node waits for is logged after this time: at the first deploy of a flow, another node makes it first. */
const PATIENCE_MS = 3000;

/** Shows why a node gets nothing. Each reason is logged once, until it is over: two of them may take turns. */
export class Trouble {
  private readonly status: Status;
  /** The reasons that have been logged. */
  private readonly told = new Set<string>();
  private warning: NodeJS.Timeout | undefined;

  constructor(
    private readonly RED: NodeAPI,
    private readonly node: Node,
  ) {
    this.status = statusOf(node);
    node.on('close', () => clearTimeout(this.warning));
  }

  show(error: CodedError | undefined): void {
    if (!error) {
      this.status.clear('halted');
      this.told.clear();
      clearTimeout(this.warning);
      return;
    }
    const failure = nodeError(this.RED, NATS_TEXTS, error);
    const text = statusTextOf(failure);
    const isAwaited = AWAITED.includes(error.code);
    this.status.set(
      'halted',
      isAwaited ? { fill: 'yellow', shape: 'ring', text } : { fill: 'red', shape: 'dot', text },
    );
    if (this.told.has(text)) return;
    this.told.add(text);
    const sentence = sentenceOf(failure);
    if (!isAwaited) {
      this.node.error(sentence);
      return;
    }
    clearTimeout(this.warning);
    this.warning = setTimeout(() => this.node.warn(sentence), PATIENCE_MS);
  }
}
