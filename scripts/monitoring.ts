import { setTimeout as delay } from 'node:timers/promises';
import type { NatsServer } from './nats-server';

/** The configuration of a server that tells about its connections. */
export const MONITORED = 'http: "127.0.0.1:-1"';

/** A connection as the server knows it: https://docs.nats.io/running-a-nats-service/nats_admin/monitoring */
export interface KnownConnection {
  name: string;
  /** Subject, and queue group after a space, of each subscription; without the inboxes of requests. */
  subscriptions: string[];
}

/** What the server says of its connections, in the order of their names. */
export async function connectionsOf({ monitoringUrl }: NatsServer): Promise<KnownConnection[]> {
  const response = await fetch(`${monitoringUrl}/connz?subs=detail`);
  const { connections } = (await response.json()) as { connections: Connz[] };
  return connections
    .map(({ name = '', subscriptions_list_detail: list = [] }) => ({
      name,
      subscriptions: list
        .map(({ subject, qgroup }) => (qgroup ? `${subject} ${qgroup}` : subject))
        .filter((text) => !text.startsWith('_INBOX.'))
        .sort(),
    }))
    .sort((one, other) => one.name.localeCompare(other.name));
}

interface Connz {
  name?: string;
  subscriptions_list_detail?: { subject: string; qgroup?: string }[];
}

/** Asks again and again until an answer is as it should be, for up to 10 s; returns the last answer. */
export async function poll<T>(ask: () => Promise<T>, isWanted: (answer: T) => boolean): Promise<T> {
  const end = performance.now() + 10_000;
  for (;;) {
    const answer = await ask();
    if (isWanted(answer) || performance.now() > end) return answer;
    await delay(20);
  }
}
