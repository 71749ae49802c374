import { readFileSync } from 'node:fs';
import type { TestContext } from 'node:test';

/** The only framebuffer of the machine; it belongs to root and the group video, and to nobody else. */
export const DEVICE = '/dev/fb0';

const VIDEO = 44;

/** Somebody who runs Node-RED. */
export interface User {
  name: string;
  id: number;
  groups: number[];
}

const ROOT: User = { name: 'root', id: 0, groups: [] };

/** Those who may use the device. */
export const PERMITTED: User[] = [ROOT, { name: 'a user in group video', id: 1000, groups: [VIDEO] }];

/** Somebody who may not. */
export const STRANGER: User = { name: 'a user who is not in group video', id: 1001, groups: [] };

/** Lets the kernel take this process for another user's, until the test ends. */
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

/** What the device shows, whoever may see it. */
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
