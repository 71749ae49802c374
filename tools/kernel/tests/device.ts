import { readFileSync } from 'node:fs';
import type { TestContext } from 'node:test';

/** The only framebuffer of the machine; it is accessible to root and the group video. */
export const DEVICE = '/dev/fb0';

const VIDEO = 44;

/** A user who runs Node-RED. */
export interface User {
  name: string;
  id: number;
  groups: number[];
}

const ROOT: User = { name: 'root', id: 0, groups: [] };

/** The users with access to the device. */
export const PERMITTED: User[] = [ROOT, { name: 'a user in group video', id: 1000, groups: [VIDEO] }];

/** A user without access. */
export const STRANGER: User = { name: 'a user who is not in group video', id: 1001, groups: [] };

/** Runs this process as another user until the test ends. */
export function actAs(t: TestContext, user: User): void {
  t.after(() => become(ROOT));
  become(user);
}

function become({ id, groups }: User): void {
  process.seteuid?.(ROOT.id);
  process.setgroups?.(groups);
  process.setegid?.(id);
  process.seteuid?.(id);
}

/** The frame that the device shows, read as root. */
export function shown(): Buffer {
  const user = process.geteuid?.() ?? ROOT.id;
  process.seteuid?.(ROOT.id);
  try {
    return readFileSync(DEVICE);
  } finally {
    process.seteuid?.(user);
  }
}

/** The bytes of 64 pixels of one colour in RGB565, little-endian. */
export const filled = (pixel: string) => Buffer.from(pixel.repeat(64), 'hex');
