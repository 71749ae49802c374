import type { Node } from 'node-red';
import { isAskedFor, statusTextOf } from './catalogue';
import { statusOf } from './status';

/** The status changes no more often than this, however many messages fail between others that succeed. */
const PERIOD_MS = 1000;

/** A longer status would cover the neighbours of its node. */
const LONGEST_TEXT = 40;

/** Shows in the status of a node why its last message failed, until the next one succeeds. */
export class LastFailure {
  private text = '';
  /** What was shown last; another condition may have ended it since. */
  private shown = '';
  private pause: NodeJS.Timeout | undefined;

  constructor(private readonly node: Node) {
    node.on('close', () => clearTimeout(this.pause));
  }

  onSuccess(): void {
    if (this.text !== '') this.change('');
  }

  onFailure(error: Error): void {
    if (!isAskedFor(error)) this.change(shortened(error));
  }

  private change(text: string): void {
    this.text = text;
    if (!this.pause) this.show();
  }

  private show(): void {
    const { text } = this;
    this.shown = text;
    const status = statusOf(this.node);
    const hasChanged =
      text === '' ? status.clear('unsuccessful') : status.set('unsuccessful', { fill: 'red', shape: 'ring', text });
    if (hasChanged) this.pause = setTimeout(() => this.onPause(), PERIOD_MS);
  }

  private onPause(): void {
    this.pause = undefined;
    if (this.text !== this.shown) this.show();
  }
}

function shortened(error: Error): string {
  const { message } = error;
  return message.length > LONGEST_TEXT ? `${message.slice(0, LONGEST_TEXT - 1)}…` : statusTextOf(error);
}
