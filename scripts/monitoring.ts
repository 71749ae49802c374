import { setTimeout as delay } from 'node:timers/promises';
import type { NatsServer } from './nats-server';

/** The configuration of a server with a monitoring port. */
export const MONITORED = 'http: "127.0.0.1:-1"';

/** A connection as the server reports it: https://docs.nats.io/running-a-nats-service/nats_admin/monitoring */
export interface KnownConnection {
  name: string;
  /** Each subscription, without the inboxes of requests: its subject, and after a space its queue group. */
  subscriptions: string[];
}

/** The connections of a server, in the order of their names. */
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

/** How many other servers of its cluster a server has a route to. */
export async function routesOf({ monitoringUrl }: NatsServer): Promise<number> {
  const { routes } = (await (await fetch(`${monitoringUrl}/routez`)).json()) as { routes?: { remote_id: string }[] };
  return new Set((routes ?? []).map(({ remote_id }) => remote_id)).size;
}

interface Connz {
  name?: string;
  subscriptions_list_detail?: { subject: string; qgroup?: string }[];
}

/** Repeats a question until the answer is the wanted one, by default for up to 10 s; returns the last answer. */
export async function poll<T>(
  ask: () => Promise<T>,
  isWanted: (answer: T) => boolean,
  patienceMs = 10_000,
): Promise<T> {
  const end = performance.now() + patienceMs;
  for (;;) {
    const answer = await ask();
    if (isWanted(answer) || performance.now() > end) return answer;
    await delay(20);
  }
}
