import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { FlowNode } from '../support/examples';
import { makeFolder } from '../support/folder';
import { startJetStream } from '../support/jetstream-server';
import { bytesOf } from '../support/object-client';
import { startRuntime } from '../support/runtime';

test('a file that is read in chunks becomes an object, and its parts become a file again', async (t) => {
  const { url } = await startJetStream(t);
  const folder = makeFolder();
  const [from, to] = [join(folder, 'from.bin'), join(folder, 'to.bin')];
  const place = { z: 'tab', x: 0, y: 0, wires: [] as string[][] };
  const bucket = { type: 'nats-object', server: 'nats', bucket: 'FILES', object: 'file' };
  const inject = (name: string, to: string) => ({
    ...{ ...place, id: name, type: 'inject', name, props: [], wires: [[to]] },
  });
  const runtime = await startRuntime(t, [
    { id: 'tab', type: 'tab', label: 'objects' },
    { id: 'nats', type: 'nats-config', servers: url },
    inject('put', 'read'),
    {
      ...{ ...place, id: 'read', type: 'file in', filename: from, filenameType: 'str', format: 'stream' },
      wires: [['put object']],
    },
    { ...place, id: 'put object', ...bucket, action: 'put', wires: [['is put']] },
    debug('is put', 'nats.size'),
    inject('get', 'get object'),
    { ...place, id: 'get object', ...bucket, action: 'get', output: 'parts', wires: [['join']] },
    { ...place, id: 'join', type: 'join', mode: 'auto', wires: [['write']] },
    {
      ...{ ...place, id: 'write', type: 'file', filename: to, filenameType: 'str', overwriteFile: 'true' },
      ...{ appendNewline: false, createDir: false, encoding: 'none', wires: [['is written']] },
    },
    debug('is written', 'nats.chunks'),
  ] as FlowNode[]);
  // The read file node ends a file in two ways.
  for (const length of [200_000, 4 * 65_536]) {
    writeFileSync(from, bytesOf(length));
    await runtime.click({ name: 'put' });
    assert.equal(await runtime.debugged('is put'), String(length));
    await runtime.click({ name: 'get' });
    assert.equal(await runtime.debugged('is written'), '2');
    assert(readFileSync(to).equals(bytesOf(length)));
  }
});

function debug(id: string, complete: string): object {
  const shown = { active: true, tosidebar: true, complete, targetType: 'msg' };
  return { id, type: 'debug', name: id, ...shown, z: 'tab', x: 0, y: 0, wires: [] };
}
