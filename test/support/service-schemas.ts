import assert from 'node:assert/strict';

/** An answer of a service: https://github.com/nats-io/jsm.go/tree/main/schemas/micro/v1 */
export interface Response {
  type: string;
  name: string;
  id: string;
  version: string;
  metadata: Record<string, string>;
  description?: string;
  started?: string;
  endpoints?: EndpointResponse[];
}

interface EndpointResponse {
  name: string;
  subject: string;
  queue_group: string;
  metadata: Record<string, string>;
  num_requests: number;
  num_errors: number;
  last_error: string;
  processing_time: number;
  average_processing_time: number;
}

type Check = (value: unknown) => boolean;

const isText: Check = (value) => typeof value === 'string';
const isName: Check = (value) => typeof value === 'string' && /^[\w-]+$/.test(value);
const isFilled: Check = (value) => typeof value === 'string' && value !== '';
const isVersion: Check = (value) => typeof value === 'string' && /^\d+\.\d+\.\d+([-+].+)?$/.test(value);
const isCount: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 0;
const isTime: Check = (value) =>
  typeof value === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(value) && Date.parse(value) > 0;
const isTexts: Check = (value) =>
  typeof value === 'object' && value !== null && Object.values(value).every((entry) => typeof entry === 'string');

const COMMON = { name: isName, id: isFilled, version: isVersion, metadata: isTexts };
const ENDPOINT = { name: isName, subject: isFilled, queue_group: isFilled, metadata: isTexts };
const COUNTED = {
  num_requests: isCount,
  num_errors: isCount,
  last_error: isText,
  processing_time: isCount,
  average_processing_time: isCount,
};

/** The fields of each answer, and those of its endpoints if it has some. */
const SHAPES: Record<string, { fields: Record<string, Check>; endpoint?: Record<string, Check> }> = {
  PING: { fields: COMMON },
  INFO: { fields: { ...COMMON, description: isText }, endpoint: ENDPOINT },
  STATS: { fields: { ...COMMON, started: isTime }, endpoint: { ...ENDPOINT, ...COUNTED } },
};

/** Fails if an answer does not have exactly the fields that the protocol wants, with values of their types. */
export function checkResponse(verb: 'PING' | 'INFO' | 'STATS', response: Response | undefined): void {
  const { type, endpoints, ...fields } = response ?? assert.fail(`no answer to ${verb}`);
  assert.equal(type, `io.nats.micro.v1.${verb.toLowerCase()}_response`);
  const shape = SHAPES[verb] ?? assert.fail();
  checkFields(fields, shape.fields, verb);
  const { endpoint } = shape;
  assert.equal(Array.isArray(endpoints), endpoint !== undefined, `${verb}: endpoints`);
  for (const one of endpoints ?? []) checkFields(one, endpoint ?? assert.fail(), `${verb}: an endpoint`);
}

function checkFields(found: object, checks: Record<string, Check>, where: string): void {
  assert.deepEqual(Object.keys(found).sort(), Object.keys(checks).sort(), where);
  for (const [name, value] of Object.entries(found)) {
    assert(checks[name]?.(value), `${where}: ${name} is ${JSON.stringify(value)}`);
  }
}
