import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { DELETED, GIVEN_UP, Ledger, type Promised, SOURCE, TARGET } from './ledger';
import { findScenarios } from './scenario';
import type { Snapshot } from './snapshot';
import { brokenPromises, leaks } from './violations';

/** A ledger with one message that all is well with, and others. */
function ledgerWith(promised: Promised, act: (ledger: Ledger) => void): Ledger {
  const ledger = new Ledger(promised);
  ledger.end(ledger.send());
  ledger.receive(0);
  act(ledger);
  return ledger;
}

test('each broken promise to a message is reported, and nothing else', () => {
  const cases: [Promised, (ledger: Ledger) => void, RegExp | undefined][] = [
    ['confirmed', () => {}, undefined],
    ['confirmed', (ledger) => ledger.end(ledger.send()), /^it: 1 messages were lost in silence$/],
    ['confirmed', (ledger) => ledger.end(ledger.send(), 'UNCONFIRMED'), undefined],
    ['confirmed', (ledger) => ledger.send(), /^it: 1 messages never ended$/],
    ['confirmed', (ledger) => ledger.end(0), /^it: 1 messages ended more than once$/],
    ['confirmed', (ledger) => ledger.receive(0), /^it: 1 messages were received twice$/],
    ['confirmed', (ledger) => ledger.receive(0, 1), undefined],
    [
      'confirmed',
      (ledger) => {
        ledger.end(ledger.send(), 'OUTBOX_FULL');
        ledger.receive(1);
      },
      /^it: 1 messages failed for certain, and were received$/,
    ],
    ['counted', (ledger) => ledger.end(ledger.send()), /^it: 1 are missing, 0 are told as lost$/],
    [
      'counted',
      (ledger) => {
        ledger.end(ledger.send());
        ledger.told = 1;
      },
      undefined,
    ],
    [
      'counted',
      (ledger) => {
        ledger.told = 1;
      },
      /^it: 0 are missing, 1 are told as lost$/,
    ],
    ['unconfirmed', (ledger) => ledger.end(ledger.send()), undefined],
    [
      'answered',
      (ledger) => {
        ledger.mixedUp = 1;
      },
      /^it: 1 replies were not the answer$/,
    ],
  ];
  for (const [promised, act, expected] of cases) {
    const [first, ...others] = brokenPromises('it', ledgerWith(promised, act), true);
    if (expected) assert.match(first ?? '', expected);
    assert.deepEqual([...(expected ? [] : [first]), ...others].filter(Boolean), [], String(act));
  }
  assert.deepEqual([...brokenPromises('it', new Ledger('confirmed'), true)].length, 1, 'a run without messages');
});

/** A ledger with one message that is relayed as it should be, and another that some receivers have. */
function relayedWith(receivers: number[], end = (ledger: Ledger, number: number) => ledger.end(number)): Ledger {
  return ledgerWith('relayed', (ledger) => {
    ledger.receive(0, TARGET);
    const number = ledger.send();
    end(ledger, number);
    for (const receiver of receivers) ledger.receive(number, receiver);
  });
}

test('a message that is stored in the source is stored once in the target, or given up', () => {
  const cases: [number[], RegExp | undefined][] = [
    [[SOURCE, TARGET], undefined],
    [[SOURCE, GIVEN_UP], undefined],
    [[SOURCE, TARGET, GIVEN_UP], undefined],
    [[SOURCE, DELETED], undefined],
    [[SOURCE, DELETED, TARGET], undefined],
    [[], /^it: 1 messages were lost in silence$/],
    [[SOURCE], /^it: 1 messages are missing$/],
    [[SOURCE, TARGET, TARGET], /^it: 1 messages were received twice$/],
    [[SOURCE, SOURCE, TARGET], /^it: 1 messages were received twice$/],
    [[SOURCE, GIVEN_UP, GIVEN_UP], /^it: 1 messages were received twice$/],
  ];
  for (const [receivers, expected] of cases) {
    const found = [...brokenPromises('it', relayedWith(receivers), true)];
    assert.equal(found.length, expected ? 1 : 0, `${receivers}: ${found}`);
    if (expected) assert.match(found.join(), expected);
  }
  assert.deepEqual(
    [
      ...brokenPromises(
        'it',
        ledgerWith('relayed', () => {}),
        true,
      ),
    ].length,
    2,
    'nothing is relayed',
  );
});

test('a message whose Node-RED was killed may be stored or not', () => {
  const kill = (ledger: Ledger) => ledger.abandon();
  for (const receivers of [[], [SOURCE, TARGET]]) {
    assert.deepEqual([...brokenPromises('it', relayedWith(receivers, kill), true)], []);
  }
  assert.equal([...brokenPromises('it', relayedWith([SOURCE], kill), true)].length, 1);
});

test('what a deleted stream takes with it is only what was still in it', () => {
  const ledger = relayedWith([SOURCE]);
  assert.equal(ledger.pending, 1);
  ledger.delete();
  assert.deepEqual([ledger.pending, ledger.receivedBy(DELETED)], [0, 1]);
});

test('a message that a killed server has confirmed may be lost, but not doubled', () => {
  const lost = ledgerWith('confirmed', (ledger) => ledger.end(ledger.send()));
  assert.deepEqual([...brokenPromises('it', lost, false)], []);
  const doubled = ledgerWith('confirmed', (ledger) => ledger.receive(0));
  assert.equal([...brokenPromises('it', doubled, false)].length, 1);
});

test('whatever is left open is reported', () => {
  const connections = [{ name: 'chaos', subscriptions: ['ask'] }];
  const before: Snapshot = { connections, isConnected: true, handles: { Timeout: 2 }, memoryMiB: 30 };
  const cases: [Partial<Snapshot>, RegExp | undefined][] = [
    [{ handles: { Timeout: 1 }, memoryMiB: 39 }, undefined],
    [{ handles: { Timeout: 3 } }, /Timeout: 2 before, 3 after/],
    [{ handles: { Timeout: 2, TCPSocketWrap: 1 } }, /TCPSocketWrap: 0 before, 1 after/],
    [{ memoryMiB: 41 }, /memory has grown/],
    [{ connections: [...connections, ...connections] }, /not as before/],
    [{ isConnected: false }, /not what the flow needs after/],
  ];
  for (const [changes, expected] of cases) {
    const found = [...leaks(before, { ...before, ...changes })];
    assert.equal(found.length, expected ? 1 : 0, found.join());
    if (expected) assert.match(found.join(), expected);
  }
});

test('each file in the folder of scenarios is one', () => {
  const scenarios = findScenarios();
  assert(scenarios.length > 1);
  for (const [name, { title, run }] of scenarios) {
    assert(title, name);
    assert.equal(typeof run, 'function', name);
  }
  assert.deepEqual(
    findScenarios([scenarios[0]?.[0] as string]).map(([name]) => name),
    [scenarios[0]?.[0]],
  );
});

test('a process whose clock steps sees it in every date, and its timers do not', () => {
  const clock = JSON.stringify(join(__dirname, 'node-red', 'clock.js'));
  const script = `
    const before = [Date.now(), new Date().getTime(), Date.parse(Date())];
    const fixed = new Date(5).getTime();
    const set = performance.now();
    setTimeout(() => console.log(JSON.stringify({ waited: performance.now() - set, steps, fixed })), 10);
    require(${clock}).stepClock(-3600000);
    const steps = [Date.now(), new Date().getTime(), Date.parse(Date())].map((now, n) => now - before[n]);
  `;
  const args = ['--require', JSON.parse(clock), '--eval', script];
  const { waited, steps, fixed } = JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' }));
  for (const step of steps) assert(Math.abs(step + 3_600_000) < 60_000, String(step));
  assert.equal(fixed, 5);
  assert(waited < 60_000);
});

test('its help lists each scenario', () => {
  const help = execFileSync(process.execPath, [join(__dirname, 'run.js'), '--help'], { encoding: 'utf8' });
  const scenarios = findScenarios();
  assert(scenarios.length > 10, `${scenarios.length} scenarios`);
  for (const [name, { title }] of scenarios) assert.match(help, new RegExp(`^ +${name} +${title}$`, 'm'));
});
