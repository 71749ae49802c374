import { CodedError } from '../../coded-error';
import { isPlainObject } from '../../plain-object';
import type { Connection } from '../connection/connection';
import { NS_PER_MS } from '../services/endpoint';

/** An endpoint and what it has done, for people. */
export interface EndpointReport {
  name: string;
  subject: string;
  requests: number;
  errors: number;
  lastError: string;
  averageMs: number;
}

/** An instance of a service. */
export interface ServiceReport {
  name: string;
  id: string;
  version: string;
  endpoints: EndpointReport[];
}

const LONGEST_MS = 2000;
/** No further instance is expected when none has answered for this time. */
const STALL_MS = 300;
const MOST_INSTANCES = 200;
const MOST_ENDPOINTS = 50;
const LONGEST_TEXT = 200;
/** A longer answer is not that of a service that people can look at. */
const LONGEST_ANSWER = 64 * 1024;

/**
 * Asks all services what they have done:
 * https://github.com/nats-io/nats-architecture-and-design/blob/main/adr/ADR-32.md. Rejects as `Connection.requestMany`
 * does, but not if there is none.
 */
export async function findServices(connection: Pick<Connection, 'requestMany'>): Promise<ServiceReport[]> {
  const request = { subject: '$SRV.STATS', data: Buffer.alloc(0), timeoutMs: LONGEST_MS };
  const gathering = { count: MOST_INSTANCES, stallMs: STALL_MS };
  const answers = await connection
    .requestMany(request, gathering, (msg) => readStats(msg.text))
    .catch((error) => {
      if (error instanceof CodedError && ['NO_RESPONDERS', 'TIMEOUT'].includes(error.code)) return [];
      throw error;
    });
  const services = answers.flatMap((answer) => answer ?? []);
  return services.sort((a, b) => a.name.localeCompare(b.name) || a.id.localeCompare(b.id));
}

/** What an answer says, as far as it is that of a service: anyone may answer anything. */
function readStats(text: string): ServiceReport | undefined {
  if (text.length > LONGEST_ANSWER) return undefined;
  const stats = parsed(text);
  if (!stats || typeof stats.name !== 'string' || typeof stats.id !== 'string') return undefined;
  const endpoints: unknown[] = Array.isArray(stats.endpoints) ? stats.endpoints.slice(0, MOST_ENDPOINTS) : [];
  return {
    name: textIn(stats.name),
    id: textIn(stats.id),
    version: textIn(stats.version),
    endpoints: endpoints.filter(isObject).map((endpoint) => ({
      name: textIn(endpoint.name),
      subject: textIn(endpoint.subject),
      requests: numberIn(endpoint.num_requests),
      errors: numberIn(endpoint.num_errors),
      lastError: textIn(endpoint.last_error),
      averageMs: numberIn(endpoint.average_processing_time) / NS_PER_MS,
    })),
  };
}

function parsed(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && isPlainObject(value);
}

function textIn(value: unknown): string {
  return typeof value === 'string' ? value.slice(0, LONGEST_TEXT) : '';
}

function numberIn(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) ? value : 0;
}
