import { randomBytes } from 'node:crypto';
import { CodedError } from '../../coded-error';
import type { Received } from '../client/received';
import type { Connection } from '../connection/connection';
import type { DesiredSubscription } from '../core/subscriptions';
import { isPublishSubject } from '../message/subject';
import type { Endpoint } from './endpoint';
import type { ServiceSettings } from './service-settings';

/** Hears why others may not find a service, or `undefined` when they can. */
export type TroubleListener = (trouble: CodedError | undefined) => void;

/** The requests that each service answers, and the types of its answers. */
const TYPES = {
  PING: 'io.nats.micro.v1.ping_response',
  INFO: 'io.nats.micro.v1.info_response',
  STATS: 'io.nats.micro.v1.stats_response',
} as const;
type Verb = keyof typeof TYPES;
const VERBS = Object.keys(TYPES) as Verb[];

/**
 * One instance of a NATS micro-service on a connection:
 * https://github.com/nats-io/nats-architecture-and-design/blob/main/adr/ADR-32.md
 *
 * It can be found and measured while it has an endpoint. The endpoints receive their requests themselves.
 */
export class Service {
  /** Tells the instances of a service apart, in this process and elsewhere. */
  readonly id = randomBytes(12).toString('hex');
  private readonly endpoints = new Map<Endpoint, TroubleListener>();
  private started = '';
  private subscriptions: DesiredSubscription[] = [];
  private readonly refused = new Set<DesiredSubscription>();
  private trouble: CodedError | undefined;

  constructor(
    private readonly settings: ServiceSettings,
    private readonly connection: Connection,
    private readonly onTrouble: TroubleListener = () => {},
  ) {}

  /** Adds an endpoint, whose listener hears of known trouble at once. Throws `BAD_ENDPOINT` for a taken name. */
  add(endpoint: Endpoint, onTrouble: TroubleListener): void {
    const { name } = endpoint.settings;
    for (const { settings } of this.endpoints.keys()) {
      if (settings.name === name) {
        throw new CodedError('BAD_ENDPOINT-taken', { service: this.settings.name, endpoint: name });
      }
    }
    this.endpoints.set(endpoint, onTrouble);
    if (this.subscriptions.length === 0) this.start();
    else if (this.trouble) onTrouble(this.trouble);
  }

  /** Removes an endpoint. With the last one, the service ends when the requests on their way have been answered. */
  async remove(endpoint: Endpoint): Promise<void> {
    endpoint.close();
    if (!this.endpoints.delete(endpoint) || this.endpoints.size > 0) return;
    const { subscriptions } = this;
    this.subscriptions = [];
    this.refused.clear();
    this.trouble = undefined;
    await this.connection.drain(subscriptions);
  }

  private start(): void {
    this.started = new Date().toISOString();
    const { name } = this.settings;
    for (const verb of VERBS) {
      for (const subject of [`$SRV.${verb}`, `$SRV.${verb}.${name}`, `$SRV.${verb}.${name}.${this.id}`]) {
        this.subscriptions.push(this.subscriptionTo(subject, verb));
      }
    }
    for (const subscription of this.subscriptions) this.connection.subscribe(subscription);
  }

  private subscriptionTo(subject: string, verb: Verb): DesiredSubscription {
    const subscription: DesiredSubscription = {
      subject,
      max: 0,
      onMessage: (msg) => this.answer(verb, msg),
      onRefused: (error) => {
        this.refused.add(subscription);
        if (!this.trouble) this.tell(error);
      },
      onAccepted: () => {
        this.refused.delete(subscription);
        if (this.refused.size === 0) this.tell(undefined);
      },
    };
    return subscription;
  }

  private tell(trouble: CodedError | undefined): void {
    this.trouble = trouble;
    this.onTrouble(trouble);
    for (const listener of this.endpoints.values()) listener(trouble);
  }

  private answer(verb: Verb, msg: Received): void {
    const { reply } = msg;
    // Subjects below `$` belong to the server: a requester must not borrow this user's rights there.
    if (!reply || reply.startsWith('$') || !isPublishSubject(reply)) return;
    const data = Buffer.from(JSON.stringify(this.response(verb)));
    this.connection.publish({ subject: reply, data, confirm: false, whenDown: 'drop', maxAgeMs: 0 }, (error) => {
      // It will be too large for this server each time.
      if (error instanceof CodedError && error.code === 'MAX_PAYLOAD' && !this.trouble) this.tell(error);
    });
  }

  private response(verb: Verb): object {
    const { name, version, description, metadata } = this.settings;
    const common = { type: TYPES[verb], name, id: this.id, version, metadata };
    const endpoints = [...this.endpoints.keys()];
    switch (verb) {
      case 'PING':
        return common;
      case 'INFO':
        return { ...common, description, endpoints: endpoints.map((endpoint) => endpoint.info()) };
      case 'STATS':
        return { ...common, started: this.started, endpoints: endpoints.map((endpoint) => endpoint.stats()) };
    }
  }
}
