import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CodedError } from '../../../../../lib/coded-error';
import { type Delivery, readAckSubject } from '../../../../../lib/nats/jetstream/consuming/ack-subject';
import { ConsumedMessages, type ForeignOptions } from '../../../../../lib/nats/jetstream/consuming/consumed-messages';
import { Judged, type Verdict } from '../../../../../lib/nats/jetstream/consuming/verdict';

const TIME = '1795955989746583855';
const handleOf = (sequence: number, { consumer = 'worker', timeNs = TIME, pending = 0 } = {}) =>
  `$JS.ACK.JOBS.${consumer}.1.${sequence}.${sequence}.${timeNs}.${pending}`;

/** A message whose verdicts end when the test says so. */
class Job extends Judged {
  verdicts: Verdict[] = [];

  constructor(
    sequence: number,
    private readonly messages: ConsumedMessages,
    from?: Parameters<typeof handleOf>[1],
  ) {
    const ack = handleOf(sequence, from);
    const delivery = readAckSubject(ack) as Delivery;
    super(ack, delivery);
    messages.add(delivery, this);
  }

  end(error?: unknown): void {
    this.onSettled(error);
  }

  protected override carryOut(verdict: Verdict): void {
    this.verdicts.push(verdict);
  }

  protected override onEnded(): void {
    for (const delivery of this.deliveries) this.messages.end(delivery, this);
  }
}

/** Verdicts on the messages of this process need no connection. */
const OPTIONS = { delayMs: 0 } as ForeignOptions;

function start(limits = { endings: 4, failures: 2, consumers: 2, places: 100 }) {
  const messages = new ConsumedMessages(limits);
  const settle = (sequence: number, verdict: Verdict, from?: Parameters<typeof handleOf>[1]) =>
    new Promise<string>((resolve) => {
      messages.settle(handleOf(sequence, from), verdict, OPTIONS, (error) =>
        resolve((error as CodedError)?.text ?? 'ended'),
      );
    });
  return { messages, settle };
}

test('a message that has ended is remembered by its handle: the first verdict counts', async () => {
  const { messages, settle } = start();
  const job = new Job(1, messages);
  const first = settle(1, 'done');
  job.end();
  assert.equal(await first, 'ended');
  const late = new Job(2, messages);
  late.lateness = 'timeout';
  const timeout = settle(2, 'again');
  late.end();
  await timeout;
  assert.deepEqual(
    [await settle(1, 'done'), await settle(1, 'again'), await settle(2, 'again'), await settle(2, 'done')],
    ['ended', 'ALREADY_ACKED', 'ended', 'ALREADY_ACKED-late'],
  );
  assert.deepEqual([job.verdicts, late.verdicts], [['done'], ['again']]);
});

test('a message in the flow is remembered, however many end meanwhile', async () => {
  const { messages, settle } = start();
  const job = new Job(1, messages);
  for (let sequence = 2; sequence < 20; sequence++) {
    const other = new Job(sequence, messages);
    const done = settle(sequence, 'done');
    other.end();
    await done;
  }
  void settle(1, 'giveUp');
  assert.deepEqual(job.verdicts, ['giveUp']);
});

test('the messages in the flow are found in any order', () => {
  const { messages } = start();
  const consumers = ['one', 'other'];
  const jobs = consumers.map((consumer) => [1, 2, 3, 4].map((number) => new Job(number, messages, { consumer })));
  const find = (consumer: number, number: number) =>
    assert.equal(
      messages.find(handleOf(number, { consumer: consumers[consumer] as string })),
      jobs[consumer]?.[number - 1],
    );
  for (const number of [1, 2, 3, 4, 3, 2, 1, 3, 4, 1]) find(0, number);
  for (const number of [1, 2, 3, 4]) {
    find(1, number);
    find(0, number);
    assert.equal(messages.find(undefined), undefined);
  }
  // The same number in another consumer, and in one that was made again.
  assert.equal(messages.find(handleOf(1, { consumer: 'one', pending: 7 })), undefined);
  find(0, 1);
  find(1, 2);
  find(0, 2);
});

test('a verdict that fails can be given again, even by the one who is told of it', async () => {
  const { messages, settle } = start();
  const job = new Job(1, messages);
  let second: Promise<string> | undefined;
  messages.settle(handleOf(1), 'done', OPTIONS, () => {
    second = settle(1, 'again');
  });
  job.end(new Error('the server has gone'));
  let isThirdEnded = false;
  messages.settle(handleOf(1), 'again', OPTIONS, () => {
    isThirdEnded = true;
  });
  assert.deepEqual([job.verdicts, isThirdEnded], [['done', 'again'], false]);
  job.end();
  assert.deepEqual([isThirdEnded, await second, await settle(1, 'done')], [true, 'ended', 'ALREADY_ACKED']);
});

test('a message in the flow is known by its handle although a new consumer counts from 1 again', async () => {
  const { messages, settle } = start();
  const job = new Job(1, messages);
  const other = new Job(1, messages, { timeNs: '1795955989746583856' });
  void settle(1, 'giveUp');
  void settle(1, 'again', { timeNs: '1795955989746583856' });
  assert.deepEqual([job.verdicts, other.verdicts], [['giveUp'], ['again']]);
  job.end();
  other.end();
  assert.deepEqual(
    [await settle(1, 'done'), await settle(1, 'done', { timeNs: '1795955989746583856' })],
    ['ALREADY_ACKED', 'ALREADY_ACKED'],
  );
});

test('a consumer is remembered while its messages are in the flow, however many others there are', () => {
  const { messages, settle } = start();
  const job = new Job(1, messages);
  for (let at = 0; at < 5; at++) {
    const from = { consumer: `other${at}` };
    const other = new Job(1, messages, from);
    void settle(1, 'done', from);
    other.end();
  }
  void settle(1, 'done');
  assert.deepEqual(job.verdicts, ['done']);
});

test('the messages of two servers with a consumer of the same name are remembered side by side', async () => {
  const { messages, settle } = start();
  const other = { timeNs: '1795955989746583856' };
  for (let sequence = 1; sequence < 3; sequence++) {
    for (const from of [{}, other]) {
      const job = new Job(sequence, messages, from);
      void settle(sequence, from === other ? 'done' : 'giveUp', from);
      job.end();
    }
  }
  assert.deepEqual(
    [
      await settle(1, 'done'),
      await settle(1, 'giveUp', other),
      await settle(2, 'giveUp'),
      await settle(2, 'done', other),
    ],
    ['ALREADY_ACKED', 'ALREADY_ACKED', 'ended', 'ended'],
  );
});

test('a consumer that is made again delivers the same message with the same number, which is another one', async () => {
  const { messages, settle } = start();
  const again = { pending: 1 };
  const job = new Job(1, messages);
  const other = new Job(1, messages, again);
  void settle(1, 'done');
  void settle(1, 'done', again);
  assert.deepEqual([job.verdicts, other.verdicts], [['done'], ['done']]);
  job.end();
  other.end();
  const third = new Job(1, messages, { pending: 2 });
  void settle(1, 'giveUp', { pending: 2 });
  assert.deepEqual(third.verdicts, ['giveUp']);
});

test('of the consumers without messages in the flow, the one used last is remembered longest', async () => {
  const { messages, settle } = start();
  const end = (sequence: number, consumer: string) => {
    const job = new Job(sequence, messages, { consumer });
    void settle(sequence, 'done', { consumer });
    job.end();
  };
  for (let at = 1; at < 5; at++) {
    end(at, 'worker');
    end(1, `other${at}`);
  }
  assert.equal(await settle(4, 'again'), 'ALREADY_ACKED');
  assert.equal(await settle(1, 'again'), 'ALREADY_ACKED');
});

test('no more consumers than allowed are remembered when the messages of many have ended', () => {
  const { messages, settle } = start();
  const all = ['a', 'b', 'c', 'd', 'e', 'f'].map((consumer) => new Job(1, messages, { consumer }));
  for (const job of all) {
    messages.settle(job.ack, 'done', OPTIONS, () => {});
    job.end();
  }
  new Job(1, messages);
  void settle(1, 'done');
  assert.equal(messages.count, 2);
});

test('with hundreds of consumers that take turns, the first verdict counts', async () => {
  const messages = new ConsumedMessages();
  const handles: string[] = [];
  for (let at = 0; at < 500; at++) {
    const job = new Job(1, messages, { consumer: `worker${at}` });
    messages.settle(job.ack, 'done', OPTIONS, () => {});
    job.end();
    handles.push(job.ack);
  }
  for (const handle of handles) {
    const error = await new Promise((resolve) => messages.settle(handle, 'again', OPTIONS, resolve));
    assert.equal((error as CodedError).code, 'ALREADY_ACKED');
  }
});

test('the last endings of a busy consumer are remembered', () => {
  const messages = new ConsumedMessages();
  const settled = (sequence: number) => {
    let isSettled = false;
    messages.settle(handleOf(sequence), 'done', OPTIONS, () => {
      isSettled = true;
    });
    return isSettled;
  };
  for (let sequence = 1; sequence <= 10_000; sequence++) {
    const job = new Job(sequence, messages);
    settled(sequence);
    job.end();
  }
  for (let sequence = 10_000; sequence > 10_000 - 4096; sequence--) assert.ok(settled(sequence), String(sequence));
});

test('consumers with many endings are forgotten before their memory grows too large', () => {
  const { messages, settle } = start({ endings: 4, failures: 2, consumers: 100, places: 8 });
  for (let at = 0; at < 10; at++) {
    const from = { consumer: `own${at}` };
    const job = new Job(1, messages, from);
    void settle(1, 'done', from);
    job.end();
  }
  assert.equal(messages.count, 3);
});

test('a message whose verdict is given again after a failure is remembered until it ends', async () => {
  const { messages, settle } = start();
  const jobs = [1, 2, 3, 4].map((sequence) => new Job(sequence, messages));
  const first = jobs[0] as Job;
  const fail = (job: Job) => {
    messages.settle(job.ack, 'done', OPTIONS, () => {});
    job.end(new Error('the server has gone'));
  };
  fail(first);
  const done = settle(1, 'done');
  for (const job of jobs.slice(1)) fail(job);
  for (const consumer of ['a', 'b', 'c']) fail(new Job(1, messages, { consumer }));
  assert.equal(await settle(1, 'again'), 'ALREADY_ACKED');
  first.end();
  assert.equal(await done, 'ended');
  assert.equal(await settle(1, 'again'), 'ALREADY_ACKED');
});
