import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CodedError } from '../../../../lib/coded-error';
import { Members } from '../../../../lib/nats/connection/members';

const unreachable = (reason: string) => new CodedError('UNREACHABLE', { servers: 'any', reason });
const refusal = new CodedError('AUTH', { servers: 'any', reason: 'no' });

/** Dials the next member until each has been dialled once. */
function round(members: Members, count: number, fail: (host: string) => CodedError): string[] {
  return Array.from({ length: count }, () => {
    const member = members.next();
    members.failed(member, fail(member.host));
    return member.host;
  });
}

test('each member is dialled before any is dialled again', () => {
  const members = new Members(['a:1', 'b:2', '[fd00::1]:3'], 2000);
  assert.deepEqual(round(members, 3, () => unreachable('away')).sort(), ['a', 'b', 'fd00::1']);
});

test('trouble is reported when every configured server has failed, preferably with a refusal', () => {
  const members = new Members(['a:1', 'b:2'], 2000);
  const first = members.next();
  members.failed(first, refusal);
  assert.equal(members.trouble, undefined);
  members.failed(members.next(), unreachable('away'));
  assert.equal(members.trouble, refusal);
  members.connected(first);
  assert.equal(members.trouble, undefined);
});

test('servers that are all unreachable are named together', () => {
  const members = new Members(['a:1', 'b:2'], 2000);
  round(members, 2, () => unreachable('connection refused'));
  assert.deepEqual(members.trouble?.values, { servers: 'a:1, b:2', reason: 'connection refused' });
});

test('after an outage the other members are dialled at once, and the lost one after its delay', () => {
  const members = new Members(['a:1', 'b:2'], 60_000);
  const first = members.next();
  first.dialledAt = performance.now();
  members.connected(first);
  members.lost(first);
  const second = members.next();
  assert.notEqual(second, first);
  assert(second.dueAt <= performance.now());
  assert(first.dueAt > performance.now() + 50_000);
});

test('two servers that each end the connection at once are dialled no faster than one', () => {
  const members = new Members(['a:1', 'b:2'], 60_000);
  for (let count = 0; count < 2; count++) {
    const member = members.next();
    assert(member.dueAt <= performance.now());
    member.dialledAt = performance.now();
    members.connected(member);
    members.lost(member);
  }
  assert(members.next().dueAt > performance.now() + 50_000);
});

test('a single server that was connected for longer than its delay is dialled at once', () => {
  const members = new Members(['a:1'], 1000);
  const member = members.next();
  member.dialledAt = performance.now() - 2000;
  members.connected(member);
  members.lost(member);
  assert(member.dueAt <= performance.now());
});

test('announced members are dialled too, until the cluster announces others', () => {
  const members = new Members(['a:1'], 2000);
  const hosts = () => {
    const found = new Set<string>();
    for (let count = 0; count < 10; count++) {
      const member = members.next();
      found.add(member.host);
      members.failed(member, unreachable('away'));
    }
    return [...found].sort();
  };
  members.update(['10.0.0.1:4222', '10.0.0.2:4222', '10.0.0.1:4222']);
  assert.deepEqual(hosts(), ['10.0.0.1', '10.0.0.2', 'a']);
  members.update(['10.0.0.3:4222']);
  assert.deepEqual(hosts(), ['10.0.0.3', 'a']);
});

test('many announced members that are gone do not keep from the one in the settings', () => {
  const members = new Members(['a:1'], 1);
  const first = members.next();
  members.connected(first);
  members.update(Array.from({ length: 100 }, (_, index) => `gone-${index}:1`));
  members.lost(first);
  first.dueAt = 0;
  const hosts = round(members, 2, () => unreachable('gone'));
  assert(hosts.includes('a'), hosts.join());
});

test('an invalid address in an announcement is left out', () => {
  const members = new Members(['a:1'], 2000);
  members.update(['nats.1:4222', 'b', 'b:0', 'b:65536', 'b:x', ':4222', '']);
  assert.equal(members.hasOthersThan(members.next()), false);
});

test('an announcement of 40,000 addresses is accepted up to a limit, and quickly', () => {
  const members = new Members(['a:1'], 2000);
  const announced = Array.from(
    { length: 40_000 },
    (_, index) => `10.${index >> 16}.${(index >> 8) & 255}.${index & 255}:4222`,
  );
  const startedAt = performance.now();
  members.update(announced);
  const took = performance.now() - startedAt;
  assert(took < 100, `it took ${took} ms`);
  const dialled = new Set(round(members, 200, () => unreachable('away')));
  assert.equal(dialled.size, 101);
});

test('a refusing server is dialled less and less often, an unreachable one after the configured delay', () => {
  const members = new Members(['a:1'], 50);
  const member = members.next();
  members.connected(member);
  members.lost(member);
  const waitAfter = (error: CodedError) => {
    const now = performance.now();
    members.failed(member, error);
    return member.dueAt - now;
  };
  assert(Math.abs(waitAfter(unreachable('away')) - 50) < 20);
  for (let count = 0; count < 6; count++) members.failed(member, refusal);
  assert(waitAfter(refusal) >= 4000);
});
