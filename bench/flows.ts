import { subjectsOf } from './host';

/** What a Node-RED runs. */
export interface FlowOptions {
  nodes: 'pack' | 'floor' | 'mqtt';
  /** First token of all its subjects. */
  id: string;
  port: number;
  /** For the pack: whether a message is complete only when the server has taken it. */
  confirm?: boolean;
  /** For the pack: so many messages are one; 0: each by itself. */
  batch?: number;
}

/** The ends that a flow for the benchmark has. */
export const SOURCE = 'source';
export const ASKER = 'asker';
export const REPLIED = 'replied';

type Properties = Record<string, unknown>;

const PLACE = { z: 'tab', x: 0, y: 0, wires: [] };
const TAB = { id: 'tab', type: 'tab', label: 'bench' };
const END = { ...PLACE, type: 'bench-end' };

/** The flows of one contender: a bridge, a publisher, a subscriber, one who asks and one who answers. */
export function flowsOf(options: FlowOptions): Properties[] {
  const { subscribe, publish, configs, request } = KINDS[options.nodes](options);
  const { in: input, out, take, ask } = subjectsOf(options.id);
  return [
    TAB,
    ...configs,
    { ...PLACE, id: 'bridge-in', ...subscribe(input), wires: [['bridge-out']] },
    { ...PLACE, id: 'bridge-out', ...publish(out) },
    { ...END, id: SOURCE, wires: [['publish']] },
    { ...PLACE, id: 'publish', ...publish(out) },
    { ...PLACE, id: 'subscribe', ...subscribe(take), wires: [['received']] },
    { ...END, id: 'received' },
    ...(request
      ? [
          { ...END, id: ASKER, wires: [['request']] },
          { ...PLACE, id: 'request', ...request(ask), wires: [[REPLIED]] },
          { ...END, id: REPLIED },
          { ...PLACE, id: 'asked', ...subscribe(ask), wires: [['respond']] },
          { ...PLACE, id: 'respond', ...publish() },
        ]
      : []),
  ];
}

interface Kind {
  configs: Properties[];
  subscribe(subject: string, queue?: string): Properties;
  /** Without a subject it answers. */
  publish(subject?: string): Properties;
  request?(subject: string): Properties;
}

const KINDS: Record<FlowOptions['nodes'], (options: FlowOptions) => Kind> = { pack, floor, mqtt };

function pack({ port, confirm = false, batch = 0 }: FlowOptions): Kind {
  const server = 'server';
  return {
    configs: [{ id: server, type: 'nats-config', servers: `nats://127.0.0.1:${port}` }],
    subscribe: (subject, queue) => ({
      server,
      type: queue ? 'nats-queue-subscribe' : 'nats-subscribe',
      subject,
      batch,
      ...(queue && { queue }),
    }),
    publish: (subject) => {
      return { server, type: subject ? 'nats-publish' : 'nats-respond', subject, confirm, batch: batch > 0 };
    },
    ...(batch === 0 && { request: (subject) => ({ server, type: 'nats-request', subject }) }),
  };
}

function floor({ port }: FlowOptions): Kind {
  const url = `nats://127.0.0.1:${port}`;
  return {
    configs: [],
    subscribe: (subject, queue) => ({ url, type: 'floor-subscribe', subjects: [subject], queue }),
    publish: (subject) => ({ url, type: 'floor-publish', subject }),
    request: (subject) => ({ url, type: 'floor-request', subject }),
  };
}

/** The core nodes, at QoS 0. */
function mqtt({ port }: FlowOptions): Kind {
  const broker = 'broker';
  return {
    configs: [{ id: broker, type: 'mqtt-broker', broker: '127.0.0.1', port, protocolVersion: '4', keepalive: '0' }],
    subscribe: (topic) => ({ broker, type: 'mqtt in', topic, qos: '0', datatype: 'auto-detect', inputs: 0 }),
    publish: (topic) => ({ broker, type: 'mqtt out', topic, qos: '0' }),
  };
}
