import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CodedError } from '../../../../../lib/coded-error';
import { isPassing, patiently } from '../../../../../lib/nats/jetstream/objects/patience';

test('what an outage causes passes, and nothing else', () => {
  for (const code of ['NOT_CONNECTED', 'CONNECTION_LOST', 'TIMEOUT', 'NO_JETSTREAM', 'UNCONFIRMED']) {
    assert(isPassing(new CodedError(code)), code);
  }
  for (const text of ['PERMISSION-publish', 'NO_STREAM', 'CLOSED', 'SERVER', 'NO_JETSTREAM-account']) {
    assert(!isPassing(new CodedError(text)), text);
  }
  assert(!isPassing(new Error('TIMEOUT')));
});

test('a request is repeated until the outage is over', async () => {
  const answers = [new CodedError('NOT_CONNECTED'), new CodedError('TIMEOUT'), 'answer'];
  const ask = async () => {
    const answer = answers.shift();
    if (answer instanceof Error) throw answer;
    return answer;
  };
  assert.equal(await patiently(ask, new AbortController().signal), 'answer');
});

test('another error ends it at once, and so does a signal', async () => {
  let asked = 0;
  const fail = (text: string) => async () => {
    asked++;
    throw new CodedError(text);
  };
  await assert.rejects(patiently(fail('NO_STREAM'), new AbortController().signal), { code: 'NO_STREAM' });
  assert.equal(asked, 1);
  const ending = new AbortController();
  const waiting = patiently(fail('NOT_CONNECTED'), ending.signal);
  ending.abort();
  await assert.rejects(waiting, { code: /CLOSED|NOT_CONNECTED/ });
});
