/** What the process of a contender does; `nodes` says with what. */
export interface HostOptions {
  nodes: 'client' | 'floor' | 'pack' | 'mqtt';
  /** The first token of all its subjects. */
  id: string;
  port: number;
  /** Whether its bridge is a member of a queue group. */
  isMember?: boolean;
  /** How many subjects its bridge subscribes to, with one node for all or with one for each. */
  spread?: { subjects: number; over: 'subscriptions' | 'nodes' };
  /** A file for what it shows. */
  device?: string;
  /** For the pack: whether a message is complete only when the server has taken it. */
  confirm?: boolean;
  /** For the pack: so many messages are one; 0: each by itself. */
  batch?: number;
}

/** The subjects that a contender uses. */
export function subjectsOf({ id, spread }: Pick<HostOptions, 'id' | 'spread'>) {
  const number = (n: number) => String(n).padStart(5, '0');
  return {
    /** Through a bridge; all of one length. */
    in: spread ? Array.from({ length: spread.subjects }, (_, n) => `${id}.in.${number(n)}`) : [`${id}.in`],
    out: `${id}.out`,
    /** Each message asks a publisher for so many more as it has been told. */
    credit: `${id}.credit`,
    /** To a subscriber, which acknowledges so many at a time. */
    take: `${id}.take`,
    ack: `${id}.ack`,
    ask: `${id}.ask`,
    light: `${id}.light`,
  };
}
