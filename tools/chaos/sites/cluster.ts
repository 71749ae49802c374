import { connectionsOf, poll, routesOf } from '../../../scripts/monitoring';
import { Member } from './member';
import type { Hear, Site } from './site';
import { WITNESS } from './witness';

const SIZE = 3;

/** Three servers that form a cluster, each behind a network and with a witness of its own. */
export interface Cluster extends Site {
  members: Member[];
  /** The member to which a client of this name is connected; `undefined` if there is none. */
  homeOf(name: string): Promise<Member | undefined>;
  /** Starts a member again, and resolves when all members have routes to each other. */
  restart(member: Member): Promise<void>;
}

/** Starts a cluster. The flow knows the addresses of two members, and learns of the third. */
export async function startCluster(hear: Hear): Promise<Cluster> {
  const members = await Promise.all(Array.from({ length: SIZE }, (_, number) => Member.make(number, hear)));
  const running = () => members.filter(({ isRunning }) => isRunning);
  const restart = async (member: Member) => {
    await member.start(running());
    for (const { server } of running()) {
      await poll(
        () => routesOf(server),
        (count) => count === running().length - 1,
      );
    }
  };
  for (const member of members) await restart(member);
  const connections = () => Promise.all(members.map(({ server }) => connectionsOf(server)));
  return {
    members,
    homeOf: async (name) => {
      const known = await connections();
      return members[known.findIndex((list) => list.some((connection) => connection.name === name))];
    },
    restart,
    servers: members
      .slice(0, 2)
      .map(({ network }) => network.url)
      .join(),
    witnesses: members.map(() => WITNESS),
    connections: async () => (await connections()).flat().sort((one, other) => one.name.localeCompare(other.name)),
    peer: () => (running()[0] as Member).witness,
    flush: async () => {
      for (const { witness } of running()) await witness.flush();
    },
    stop: async () => {
      for (const member of members) await member.stop();
    },
  };
}
