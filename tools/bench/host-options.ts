/** Options for the process of a contender. */
export interface HostOptions {
  /** The implementation that it runs. */
  nodes: 'client' | 'floor' | 'pack' | 'mqtt';
  /** The first token of all its subjects. */
  id: string;
  port: number;
  /** Whether its bridge is a member of a queue group. */
  isMember?: boolean;
  /** The number of subjects that its bridge subscribes to, with one node for all or with one for each. */
  spread?: { subjects: number; over: 'subscriptions' | 'nodes' };
  /** The path of its framebuffer. */
  device?: string;
  /** For the pack: whether it waits for the server's confirmation. */
  confirm?: boolean;
  /** For the pack: the number of messages in a batch; 0: no batches. */
  batch?: number;
}

/** The subjects that a contender uses. */
export function subjectsOf({ id, spread }: Pick<HostOptions, 'id' | 'spread'>) {
  const number = (n: number) => String(n).padStart(5, '0');
  return {
    /** The inputs of a bridge, all of the same length. */
    in: spread ? Array.from({ length: spread.subjects }, (_, n) => `${id}.in.${number(n)}`) : [`${id}.in`],
    out: `${id}.out`,
    /** Each message asks a publisher for one more unit of messages. */
    credit: `${id}.credit`,
    /** The input of a subscriber, which acknowledges each unit of messages. */
    take: `${id}.take`,
    ack: `${id}.ack`,
    ask: `${id}.ask`,
    light: `${id}.light`,
  };
}
