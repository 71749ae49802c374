import type { Node, NodeAPI, NodeMessage } from 'node-red';
import { CodedError, shown } from '../../lib/coded-error';
import type { Connection } from '../../lib/nats/connection/connection';
import { ObjectBucket } from '../../lib/nats/jetstream/objects/object-bucket';
import type { ObjectInfo } from '../../lib/nats/jetstream/objects/object-info';
import { checkObjectName } from '../../lib/nats/jetstream/objects/object-name';
import { PartedPuts, type PartOutcome, partOf } from '../../lib/nats/jetstream/objects/parted-puts';
import type { PlainHeaders } from '../../lib/nats/message/headers';
import { detached, encodePayload } from '../../lib/nats/message/payload';
import { NATS_TEXTS, nodeError } from '../shared/catalogue';
import type { Handler, Send } from '../shared/input';
import { reportError } from '../shared/report-error';
import { OBJECT_ACTIONS, type ObjectAction, type ObjectSettings } from './object-settings';

/** A message that asks for an action, and later tells of its object. */
type ObjectMessage = NodeMessage & {
  action?: unknown;
  object?: unknown;
  parts?: object | undefined;
  complete?: unknown;
  headers?: PlainHeaders | undefined;
  nats?: object | undefined;
};

/** Performs actions on the objects of a bucket, as messages ask for them. */
export class ObjectActions {
  private readonly bucket: ObjectBucket;
  private readonly partedPuts: PartedPuts;

  constructor(
    private readonly RED: NodeAPI,
    private readonly node: Node,
    connection: Connection,
    private readonly settings: ObjectSettings,
  ) {
    const { largestBytes, bucket } = settings;
    this.bucket = new ObjectBucket(connection, bucket, (error) => node.warn(nodeError(RED, NATS_TEXTS, error).message));
    this.partedPuts = new PartedPuts({
      open: (name) => this.bucket.open(name),
      largestBytes,
      timeoutMs: bucket.timeoutMs,
      onAbandoned: (error, topic, id) => this.raise(error, { topic, parts: { id } }),
    });
  }

  /** Performs the action of a message. */
  readonly handle: Handler = (msg, finish, send) => {
    const action = this.actionOf(msg);
    if (action === 'put' && this.putPart(msg, finish)) return;
    this.perform(action, msg, send).then((output) => finish(undefined, output), finish);
  };

  async close(): Promise<void> {
    this.partedPuts.close();
    await this.bucket.close();
  }

  private actionOf({ action }: ObjectMessage): ObjectAction {
    if (this.settings.action !== 'msg') return this.settings.action;
    const found = OBJECT_ACTIONS.find((one) => one === action);
    if (found) return found;
    throw new CodedError('BAD_ACTION-choice', { action: shown(action), choices: OBJECT_ACTIONS.join(', ') });
  }

  /** Resolves with what is sent on; parts are sent meanwhile. */
  private async perform(action: ObjectAction, msg: ObjectMessage, send: Send): Promise<NodeMessage | undefined> {
    if (action === 'list') {
      const payload = await this.bucket.list();
      return Object.assign(msg, { payload, nats: { bucket: this.bucket.bucket } });
    }
    const name = this.nameOf(msg);
    switch (action) {
      case 'put':
        return told(msg, name, await this.put(name, msg.payload));
      case 'delete':
        return told(msg, name, await this.bucket.delete(name));
      case 'info': {
        const info = await this.bucket.info(name);
        return Object.assign(told(msg, name, info), { payload: info });
      }
      default:
        return this.settings.output === 'parts' ? this.getParts(name, msg, send) : this.get(name, msg);
    }
  }

  private nameOf({ object, topic }: ObjectMessage): string {
    return checkObjectName(this.settings.object || (object ?? topic));
  }

  private put(name: string, payload: unknown): Promise<ObjectInfo> {
    const data = encodePayload(payload);
    const { length: size } = data;
    const { largestBytes: limit } = this.settings;
    if (size > limit) throw new CodedError('TOO_LARGE', { object: name, size, limit });
    return this.bucket.put(name, detached(data, payload));
  }

  /** Returns whether the message is a part of an object. */
  private putPart(msg: ObjectMessage, outcome: (error: unknown, output?: NodeMessage) => void): boolean {
    const part = partOf(msg.parts, msg.complete !== undefined && msg.complete !== false);
    if (!part) return false;
    const data = detached(encodePayload(msg.payload), msg.payload);
    const onEnded: PartOutcome = (error, info) => outcome(error, info && told(msg, info.name, info));
    this.partedPuts.put({ ...part, data }, () => this.nameOf(msg), onEnded);
    return true;
  }

  private async get(name: string, msg: ObjectMessage): Promise<NodeMessage> {
    const { info, data } = await this.bucket.get(name, this.settings.largestBytes);
    const payload = this.settings.output === 'string' ? data.toString() : data;
    return Object.assign(withHeaders(told(msg, name, info), info.headers), { payload });
  }

  private async getParts(name: string, msg: ObjectMessage, send: Send): Promise<undefined> {
    const { util } = this.RED;
    const id = util.generateId();
    let rest: ObjectMessage = {};
    let count = 1;
    const onStart = (info: ObjectInfo) => {
      // Without the properties that are replaced, which may be large.
      rest = withHeaders(told({ ...msg, payload: undefined, headers: undefined }, name, info), info.headers);
      // A Join node does not count a message without a payload.
      count = Math.max(info.chunks, 1);
    };
    const sendPart = (chunk: Uint8Array, index: number) => {
      const payload = Buffer.from(chunk);
      const parts = { ...(msg.parts && { parts: msg.parts }), id, index, count, type: 'buffer' };
      send(Object.assign(util.cloneMessage(rest), { payload, parts }));
    };
    const { chunks } = await this.bucket.read(name, this.settings.largestBytes, onStart, sendPart);
    if (chunks === 0) sendPart(Buffer.alloc(0), 0);
    return undefined;
  }

  private raise(error: CodedError, msg: NodeMessage & { parts: object }): void {
    reportError(this.node, nodeError(this.RED, NATS_TEXTS, error), { ...msg, _msgid: this.RED.util.generateId() });
  }
}

/** The message with what it tells of an object. */
function told<M extends ObjectMessage>(msg: M, topic: string, info: ObjectInfo): M {
  const { bucket, name, size, chunks, digest, time } = info;
  return Object.assign(msg, { topic, nats: { bucket, name, size, chunks, digest, time } });
}

/** The message with the headers of an object, or without any. */
function withHeaders<M extends ObjectMessage>(msg: M, headers: PlainHeaders | undefined): M {
  if (headers) msg.headers = headers;
  else delete msg.headers;
  return msg;
}
