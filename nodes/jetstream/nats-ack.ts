import type { Node, NodeAPI, NodeDef, NodeMessage } from 'node-red';
import { CodedError, shown } from '../../lib/coded-error';
import { consumedMessages } from '../../lib/nats/jetstream/consumed-messages';
import { jetStreamOf } from '../../lib/nats/jetstream/jetstream';
import { VERDICTS, type Verdict } from '../../lib/nats/jetstream/verdict';
import { choiceSetting, numberSetting } from '../../lib/setting';
import { Denials } from '../nats/shared/denials';
import { handlesOf } from '../nats/shared/handles';
import { useConnection } from '../nats/shared/use-connection';
import { NATS_TEXTS } from '../shared/catalogue';
import { onInput } from '../shared/input';

/** The properties of a `nats-ack` in a flow. */
export interface NatsAckDef extends NodeDef {
  /** The id of a `nats-config`, for messages that this Node-RED has not consumed since its start. Required. */
  server: string;
  /**
   * The verdict on a message: it is done (`done`), is delivered again (`again`) or is given up (`giveUp`); with `msg`
   * `msg.verdict` is one of those.
   * @default 'done'
   */
  verdict?: Verdict | 'msg';
  /**
   * With `again`: how long the message waits, in milliseconds, from 0 to 2,147,483,647; 0: longer each time.
   * @default 0
   */
  delayMs?: number | string;
}

export default function register(RED: NodeAPI) {
  function NatsAck(this: Node, def: NatsAckDef) {
    RED.nodes.createNode(this, def);
    onInput(RED, this, NATS_TEXTS, () => {
      const choice = choiceSetting('verdict', def.verdict, [...VERDICTS, 'msg'] as const, 'done');
      const delayMs = numberSetting('delayMs', def.delayMs, 0);
      const denials = new Denials(RED, this);
      const connection = useConnection(RED, this, def, { onState: () => denials.reset() });
      const { exchanges } = jetStreamOf(connection);
      const common = { delayMs, exchanges, owner: this };
      // Once, because the catalogue is slow.
      const unexplained = RED._(`${NATS_TEXTS}:consume.givenUpBy`, { node: this.name || this.id });

      return (msg, finish) => {
        const verdict = choice === 'msg' ? verdictIn(msg) : choice;
        const { handles, isBatch } = handlesOf(msg);
        if (handles.length === 0) throw new CodedError('NO_ACK');
        const options = verdict === 'giveUp' ? { ...common, reason: reasonIn(msg) ?? unexplained } : common;
        const failed = isBatch && Array.isArray(msg.failed) ? new Set<unknown>(msg.failed) : undefined;
        let open = handles.length;
        let failure: unknown;
        const outcome = (error?: unknown) => {
          failure ??= error;
          if (--open > 0) return;
          denials.watch(failure);
          finish(failure);
        };
        for (const [index, handle] of handles.entries()) {
          try {
            consumedMessages.settle(handle, failed?.has(index) ? 'again' : verdict, options, outcome);
          } catch (error) {
            outcome(error);
          }
        }
      };
    });
  }
  RED.nodes.registerType('nats-ack', NatsAck);
}

function verdictIn({ verdict }: NodeMessage & { verdict?: unknown }): Verdict {
  const found = VERDICTS.find((one) => one === verdict);
  if (found) return found;
  throw new CodedError('BAD_CHOICE', { field: 'msg.verdict', value: shown(verdict), choices: VERDICTS.join(', ') });
}

/** Why a message is given up: the error that a Catch node has told of. */
function reasonIn({ error }: NodeMessage & { error?: unknown }): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const { message } = error as { message?: unknown };
  return typeof message === 'string' && message !== '' ? message : undefined;
}
