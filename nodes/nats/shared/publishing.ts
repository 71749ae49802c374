import type { Node, NodeAPI, NodeMessage } from 'node-red';
import type { Content } from '../../../lib/nats/client/publish';
import type { Connection } from '../../../lib/nats/connection/connection';
import { type Outcome, type Publication, WHEN_DOWN, type WhenDown } from '../../../lib/nats/core/publication';
import { contentOf } from '../../../lib/nats/message/payload';
import { choiceSetting, numberSetting, switchSetting } from '../../../lib/setting';
import type { Handler } from '../../shared/input';
import { Drops } from './drops';
import { type HeadersFields, headersReader, type Reader } from './message-readers';
import { publishingBatches } from './publishing-batches';
import { acting, useConnection } from './use-connection';

/** The properties that `nats-publish` and `nats-respond` share. */
export interface PublishingFields extends HeadersFields {
  /** The id of a `nats-config`. Required. */
  server: string;
  /**
   * What happens to a message while disconnected: it is held and sent later (`hold`), fails at once (`fail`), or is
   * dropped and counted (`drop`).
   * @default 'hold'
   */
  whenDown?: WhenDown;
  /**
   * How long a message may be held, in milliseconds, from 0 to 2,147,483,647; 0: no limit.
   * @default 0
   */
  maxAgeMs?: number | string;
  /**
   * Whether a message completes only when the server has confirmed it; `stored`: when a stream has stored it.
   * @default true
   */
  confirm?: boolean | 'stored';
  /**
   * Whether `msg.payload` is an array of messages.
   * @default false
   */
  batch?: boolean;
}

/** The destination of a message. Both subjects have been checked. */
export interface Target {
  subject: string;
  reply?: string | undefined;
}

/** Sends a publication that was made of a message, or of the element `index` of a batch. */
export type Send = (publication: Publication, msg: NodeMessage, index: number | undefined, outcome: Outcome) => void;

/** Another way to send publications, which may need more than others. */
export interface Sending {
  /** What a message carries for a payload; by default what `contentOf` returns. */
  encode?(payload: unknown, msg: NodeMessage, index: number | undefined): Content;
  /** Adds to a publication what it needs; throws if that is invalid. */
  prepare(publication: Publication, msg: NodeMessage, index: number | undefined): Publication;
  send: Send;
}

/**
 * Publishes each message to its target; one without a target completes and is not sent. By default messages complete as
 * `confirm` says; `sendingTo` returns another way to send them.
 */
export function publishing(
  RED: NodeAPI,
  node: Node,
  fields: PublishingFields,
  targetOf: Reader<Target | undefined>,
  sendingTo?: (connection: Connection) => Sending,
): Handler {
  const headersOf = headersReader(RED, fields);
  const whenDown = choiceSetting('whenDown', fields.whenDown, WHEN_DOWN, 'hold');
  const maxAgeMs = numberSetting('maxAgeMs', fields.maxAgeMs, 0);
  const confirm = switchSetting('confirm', fields.confirm, true);
  const isBatch = switchSetting('batch', fields.batch, false);
  const drops = new Drops(RED, node);
  const settings: Settings = { whenDown, maxAgeMs, confirm, onDropped: () => drops.add(), owner: node };
  const connection = useConnection(RED, node, fields, {
    onState: ({ name }) => {
      if (name === 'connected') drops.report();
    },
  });
  const sending = sendingTo?.(connection);
  const send: Send =
    sending?.send ?? ((publication, _msg, _index, outcome) => connection.publish(publication, outcome));
  const publicationOf: Reader<Publication | undefined> = (msg, index) => {
    const target = targetOf(msg, index);
    if (!target) return undefined;
    const headers = headersOf(msg, index);
    const payload = index === undefined ? msg.payload : (msg.payload as unknown[])[index];
    const data = sending?.encode ? sending.encode(payload, msg, index) : contentOf(payload);
    const isBorrowed = data === payload && typeof data !== 'string';
    const publication = new FlowPublication(target, headers, data, isBorrowed, settings);
    return sending ? sending.prepare(publication, msg, index) : publication;
  };
  if (isBatch) return acting(connection, publishingBatches(RED, connection, publicationOf, send));
  return acting(connection, (msg, finish) => {
    const publication = publicationOf(msg);
    if (!publication) return finish();
    send(publication, msg, undefined, finish);
  });
}

/** What all publications of a node have in common. */
type Settings = Required<Pick<Publication, 'whenDown' | 'maxAgeMs' | 'confirm' | 'onDropped' | 'owner'>>;

/** A publication that was made of a message. A class for the same reason as `Outgoing` in lib/nats/core. */
class FlowPublication implements Publication {
  readonly subject: string;
  reply: string | undefined;
  confirm: boolean;
  readonly whenDown: WhenDown;
  readonly maxAgeMs: number;
  onDropped: () => void;
  readonly owner: object | undefined;

  constructor(
    { subject, reply }: Target,
    public headers: Uint8Array | undefined,
    public data: Content,
    public isBorrowed: boolean,
    { whenDown, maxAgeMs, confirm, onDropped, owner }: Settings,
  ) {
    this.subject = subject;
    this.reply = reply;
    this.confirm = confirm;
    this.whenDown = whenDown;
    this.maxAgeMs = maxAgeMs;
    this.onDropped = onDropped;
    this.owner = owner;
  }
}
