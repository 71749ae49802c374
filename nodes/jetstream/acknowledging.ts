import type { Node, NodeAPI, NodeMessage } from 'node-red';
import { CodedError, shown } from '../../lib/coded-error';
import { consumedMessages } from '../../lib/nats/jetstream/consuming/consumed-messages';
import { VERDICTS, type Verdict } from '../../lib/nats/jetstream/consuming/verdict';
import { jetStreamOf } from '../../lib/nats/jetstream/jetstream';
import { choiceSetting, numberSetting } from '../../lib/setting';
import { handlesOf } from '../nats/shared/handles';
import { useConnection } from '../nats/shared/use-connection';
import { NATS_TEXTS } from '../shared/catalogue';
import type { Handler } from '../shared/input';
import type { NatsAckDef } from './nats-ack';

/** Tells the server what became of the messages that a `nats-ack` receives. */
export function acknowledging(RED: NodeAPI, node: Node, def: NatsAckDef): Handler {
  const choice = choiceSetting('verdict', def.verdict, [...VERDICTS, 'msg'] as const, 'done');
  const delayMs = numberSetting('delayMs', def.delayMs, 0);
  const connection = useConnection(RED, node, def);
  const { exchanges } = jetStreamOf(connection);
  const common = { delayMs, exchanges, owner: node };
  // Once, because the catalogue is slow.
  const unexplained = RED._(`${NATS_TEXTS}:consume.givenUpBy`, { node: node.name || node.id });

  return (msg, finish) => {
    const verdict = choice === 'msg' ? verdictIn(msg) : choice;
    const { handles, isBatch } = handlesOf(msg);
    if (handles.length === 0) throw new CodedError('NO_ACK');
    const options = verdict === 'giveUp' ? { ...common, reason: reasonIn(msg) ?? unexplained } : common;
    if (!isBatch) {
      consumedMessages.settle(handles[0], verdict, options, finish);
      return;
    }
    const failed = Array.isArray(msg.failed) ? new Set<unknown>(msg.failed) : undefined;
    let open = handles.length;
    let failure: unknown;
    const outcome = (error?: unknown) => {
      failure ??= error;
      if (--open === 0) finish(failure);
    };
    handles.forEach((handle, index) => {
      try {
        consumedMessages.settle(handle, failed?.has(index) ? 'again' : verdict, options, outcome);
      } catch (error) {
        outcome(error);
      }
    });
  };
}

function verdictIn({ verdict }: NodeMessage & { verdict?: unknown }): Verdict {
  const found = VERDICTS.find((one) => one === verdict);
  if (found) return found;
  throw new CodedError('BAD_CHOICE', { field: 'msg.verdict', value: shown(verdict), choices: VERDICTS.join(', ') });
}

/** Why a message is given up: the error that a Catch node received. */
function reasonIn({ error }: NodeMessage & { error?: unknown }): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const { message } = error as { message?: unknown };
  return typeof message === 'string' && message !== '' ? message : undefined;
}
