import { type HostOptions, subjectsOf } from './host-options';

/** The ids of the nodes through which the benchmark sends and receives. */
export const SOURCE = 'source';
export const REQUESTER = 'requester';
export const REPLIED = 'replied';
export const BRIDGE = 'bridge';

type Properties = Record<string, unknown>;

const PLACE = { z: 'tab', x: 0, y: 0, wires: [] };
const TAB = { id: 'tab', type: 'tab', label: 'bench' };
const END = { ...PLACE, type: 'bench-end' };

/** The flows of one contender: a bridge, a publisher, a subscriber, a requester, a responder, and a display. */
export function flowsOf(options: HostOptions): Properties[] {
  const { subscribe, publish, configs, request } = kindOf(options);
  const { in: inputs, out, take, ask, light } = subjectsOf(options);
  const bridges = options.spread?.over === 'nodes' ? inputs.map((input) => [input]) : [inputs];
  return [
    TAB,
    ...configs,
    ...bridges.flatMap((subjects, n) => [
      { ...PLACE, id: `${BRIDGE}${n}`, ...subscribe(subjects, options.isMember), wires: [[`out${n}`]] },
      { ...PLACE, id: `out${n}`, ...publish(out) },
    ]),
    { ...END, id: SOURCE, wires: [['publish']] },
    { ...PLACE, id: 'publish', ...publish(out) },
    { ...PLACE, id: 'subscribe', ...subscribe([take]), wires: [['received']] },
    { ...END, id: 'received' },
    ...(request
      ? [
          { ...END, id: REQUESTER, wires: [['request']] },
          { ...PLACE, id: 'request', ...request(ask), wires: [[REPLIED]] },
          { ...END, id: REPLIED },
          { ...PLACE, id: 'asked', ...subscribe([ask]), wires: [['respond']] },
          { ...PLACE, id: 'respond', ...publish() },
        ]
      : []),
    ...(options.device
      ? [
          { ...PLACE, id: 'words', ...subscribe([light]), wires: [['led']] },
          { ...PLACE, id: 'led', type: 'sense-led', device: options.device, preview: false, secondsPerColumn: 0.001 },
        ]
      : []),
  ];
}

/** Flows that only subscribe, with one node for each subject. */
export function subscribersOf(options: HostOptions): Properties[] {
  const { subscribe, configs } = kindOf(options);
  const nodes = subjectsOf(options).in.map((subject, n) => {
    return { ...PLACE, id: `subscribe${n}`, ...subscribe([subject]), wires: [['received']] };
  });
  return [TAB, ...configs, { ...END, id: 'received' }, ...nodes];
}

interface Kind {
  configs: Properties[];
  subscribe(subjects: string[], isMember?: boolean): Properties;
  /** Without a subject it responds. */
  publish(subject?: string): Properties;
  request?(subject: string): Properties;
}

function kindOf(options: HostOptions): Kind {
  switch (options.nodes) {
    case 'pack':
      return pack(options);
    case 'floor':
      return floor(options);
    case 'mqtt':
      return mqtt(options);
    case 'client':
      throw new Error('The client alone has no flows.');
  }
}

function pack({ id, port, confirm = false, batch = 0 }: HostOptions): Kind {
  const server = 'server';
  return {
    configs: [{ id: server, type: 'nats-config', servers: `nats://127.0.0.1:${port}` }],
    subscribe: (subjects, isMember) => ({
      server,
      type: isMember ? 'nats-queue-subscribe' : 'nats-subscribe',
      // A message subscribes to several subjects.
      ...(subjects.length === 1 ? { subject: subjects[0] } : { mode: 'dynamic' }),
      ...(isMember && { queue: id }),
      batch,
    }),
    publish: (subject) => {
      return { server, type: subject ? 'nats-publish' : 'nats-respond', subject, confirm, batch: batch > 0 };
    },
    ...(batch === 0 && { request: (subject) => ({ server, type: 'nats-request', subject }) }),
  };
}

function floor({ id, port }: HostOptions): Kind {
  const url = `nats://127.0.0.1:${port}`;
  return {
    configs: [],
    subscribe: (subjects, isMember) => ({ url, type: 'floor-subscribe', subjects, ...(isMember && { queue: id }) }),
    publish: (subject) => ({ url, type: 'floor-publish', subject }),
    request: (subject) => ({ url, type: 'floor-request', subject }),
  };
}

/** The core nodes, at QoS 0. */
function mqtt({ port }: HostOptions): Kind {
  const broker = 'broker';
  return {
    configs: [{ id: broker, type: 'mqtt-broker', broker: '127.0.0.1', port, protocolVersion: '4', keepalive: '0' }],
    subscribe: ([topic]) => ({ broker, type: 'mqtt in', topic, qos: '0', datatype: 'auto-detect', inputs: 0 }),
    publish: (topic) => ({ broker, type: 'mqtt out', topic, qos: '0' }),
  };
}
