/** The subject of the work of a queue group; that of a stream has the stream's name behind it. */
const SUBJECT = 'scaling.work';

/** How members get their work. */
export interface Sharing {
  /** The stream, which the members make, of a durable consumer; without one they are a queue group. */
  stream?: { name: string; replicas: number };
}

/** What a message costs, one at a time: steps of `spin`, or its turn in a Delay node. */
export type Cost = { steps: number } | { perSecond: number };

/** A Node-RED that does a part of the work. */
export interface Member extends Sharing {
  /** Its name, the last token of the subject of its results. */
  name: string;
  server: string;
  cost: Cost;
}

export function subjectOf({ stream }: Sharing): string {
  return stream ? `${SUBJECT}.${stream.name}` : SUBJECT;
}

/** The subjects below this one get the number of each message that is done; the last token names the member. */
export const DONE = 'scaling.done';

/** So many messages may be in the flow of a member of a durable consumer: enough that one is there when another is done. */
const AT_ONCE = 10;

const GROUP = 'workers';
const PLACE = { z: 'tab', x: 0, y: 0, wires: [] as string[][] };

/** What a member has without work. */
export const IDLE = [{ id: 'tab', type: 'tab', label: 'scaling' }];

/** The flow of a member: it takes messages, works, and publishes which ones it has done. */
export function flowOf({ name, server, cost, stream }: Member): object[] {
  const subject = `${DONE}.${name}`;
  const work =
    'steps' in cost
      ? { type: 'function', func: `global.get('spin')(${cost.steps});\nreturn msg;`, outputs: 1, libs: [] }
      : { type: 'delay', pauseType: 'rate', rate: cost.perSecond, rateUnits: 'second', nbRateUnits: 1, outputs: 1 };
  const after = stream ? ['done', 'ack'] : ['done'];
  return [
    ...IDLE,
    { id: 'server', type: 'nats-config', servers: server, clientName: name },
    ...(stream ? consuming(stream) : [QUEUE]),
    { ...PLACE, ...work, id: 'work', wires: [after] },
    { ...PLACE, id: 'done', type: 'nats-publish', server: 'server', subject },
    ...(stream ? [{ ...PLACE, id: 'ack', type: 'nats-ack', server: 'server' }] : []),
  ];
}

const IN = { ...PLACE, id: 'in', output: 'string', wires: [['work']] };
const QUEUE = { ...IN, type: 'nats-queue-subscribe', server: 'server', subject: SUBJECT, queue: GROUP };

function consuming(stream: NonNullable<Sharing['stream']>): object[] {
  const { name, replicas } = stream;
  const settings = { subjects: subjectOf({ stream }), retention: 'workqueue', replicas };
  return [
    { id: 'stream', type: 'nats-stream', server: 'server', stream: name, ...settings },
    { ...IN, type: 'nats-consume', stream: 'stream', durable: GROUP, atOnce: AT_ONCE },
  ];
}
