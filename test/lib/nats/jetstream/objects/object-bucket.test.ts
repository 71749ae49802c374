import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import type { CodedError } from '../../../../../lib/coded-error';
import { ObjectBucket } from '../../../../../lib/nats/jetstream/objects/object-bucket';
import { metaSubject } from '../../../../../lib/nats/jetstream/objects/object-name';
import { freeze, NO_FREEZE } from '../../../../support/freeze';
import { BUCKET, bytesOf, startObjects } from '../../../../support/object-client';

const ANY_SIZE = Number.MAX_SAFE_INTEGER;
const CHUNK = 128 * 1024;

const code = (expected: string) => (error: CodedError) => {
  assert.equal(error.code, expected, error.stack);
  return true;
};

test('an object is read as it was stored, whatever its size, and so by the client of NATS', async (t) => {
  const { bucket, store } = await startObjects(t);
  for (const size of [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK, 1_000_000]) {
    const data = bytesOf(size);
    const name = `object of ${size} bytes/*.>\r\n`;
    const { time, ...put } = await bucket.put(name, data);
    const digest = `SHA-256=${createHash('sha256').update(data).digest('base64').replaceAll('+', '-').replaceAll('/', '_')}`;
    const known = { bucket: 'FILES', name, size, chunks: Math.ceil(size / CHUNK), digest };
    assert.deepEqual(put, known);
    assert.match(time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    const got = await bucket.get(name, ANY_SIZE);
    assert(got.data.equals(data), name);
    const { time: _, ...info } = got.info;
    assert.deepEqual(info, known);
    const theirs = await (await store()).getBlob(name);
    assert(Buffer.from(theirs as Uint8Array).equals(data), name);
    assert.equal((await (await store()).info(name))?.digest, digest);
  }
});

test('an object of the client of NATS is read with its description, metadata and headers, and any size of chunks', async (t) => {
  const { bucket, store } = await startObjects(t);
  const theirs = await store();
  const { headers } = await import('nats');
  for (const [size, max_chunk_size] of [
    [0, CHUNK],
    [100_000, 1000],
    [2_000_000, 1024 * 1024 - 1024],
    [300_000, CHUNK],
  ] as const) {
    const data = bytesOf(size, 7);
    const own = headers();
    own.append('Kind', 'test');
    own.append('Colour', 'red');
    own.append('Colour', 'blue');
    const meta = { name: 'theirs', description: 'a file', metadata: { owner: 'them' }, headers: own };
    await theirs.putBlob({ ...meta, options: { max_chunk_size } }, data);
    const { info, data: read } = await bucket.get('theirs', ANY_SIZE);
    assert(read.equals(data), `${size}`);
    assert.equal(info.chunks, Math.ceil(size / max_chunk_size));
    assert.equal(info.description, 'a file');
    assert.deepEqual(info.metadata, { owner: 'them' });
    assert.deepEqual(info.headers, { Kind: 'test', Colour: ['red', 'blue'] });
  }
});

test('what is deleted is absent on both sides, and its chunks are gone', async (t) => {
  const { bucket, store, chunks } = await startObjects(t);
  await bucket.put('a', bytesOf(300_000));
  await bucket.put('b', bytesOf(10));
  const theirs = await store();
  assert.equal((await bucket.delete('a')).size, 300_000);
  assert.equal(await theirs.getBlob('a'), null);
  await theirs.delete('b');
  for (const name of ['a', 'b', 'never']) {
    await assert.rejects(bucket.get(name, ANY_SIZE), code('NO_OBJECT'));
    await assert.rejects(bucket.info(name), code('NO_OBJECT'));
    await assert.rejects(bucket.delete(name), code('NO_OBJECT'));
  }
  assert.deepEqual(await bucket.list(), []);
  await bucket.sweeper.settled();
  assert.deepEqual(await chunks(), {});
});

test('a new version replaces the chunks of the old one', async (t) => {
  const { bucket, chunks, store } = await startObjects(t);
  await bucket.put('a', bytesOf(300_000));
  await bucket.put('a', bytesOf(200_000, 2));
  await (await store()).putBlob({ name: 'b' }, bytesOf(400_000));
  await bucket.put('b', bytesOf(100, 2));
  await bucket.sweeper.settled();
  assert.deepEqual(Object.values(await chunks()).sort(), [1, 2]);
  assert((await bucket.get('a', ANY_SIZE)).data.equals(bytesOf(200_000, 2)));
});

test('all objects are listed that are not deleted, as the client of NATS lists them', async (t) => {
  const { bucket, store } = await startObjects(t);
  await bucket.put('a', bytesOf(10));
  await bucket.put('b', bytesOf(20));
  await bucket.put('c', bytesOf(0));
  await bucket.delete('a');
  await bucket.put('b', bytesOf(21));
  const list = await bucket.list();
  assert.deepEqual(
    list.map(({ name, size }) => [name, size]),
    [
      ['c', 0],
      ['b', 21],
    ],
  );
  const theirs = await (await store()).list();
  assert.deepEqual(theirs.map(({ name }) => name).sort(), ['b', 'c']);
});

test('reading makes no bucket, and says that there is none', async (t) => {
  const { bucket, api, connection } = await startObjects(t);
  await assert.rejects(bucket.get('a', ANY_SIZE), code('NO_BUCKET'));
  await assert.rejects(bucket.info('a'), code('NO_BUCKET'));
  await assert.rejects(bucket.list(), code('NO_BUCKET'));
  await assert.rejects(bucket.delete('a'), code('NO_BUCKET'));
  const other = new ObjectBucket(connection, { ...BUCKET, create: false });
  await assert.rejects(other.put('a', bytesOf(1)), code('NO_BUCKET'));
  assert.equal((await api('STREAM.NAMES')).streams, null);
  await bucket.put('a', bytesOf(1));
  await other.put('a', bytesOf(2));
  await api('STREAM.DELETE.OBJ_FILES');
  await assert.rejects(bucket.get('a', ANY_SIZE), code('NO_BUCKET'));
  await assert.rejects(other.put('a', bytesOf(1)), code('NO_BUCKET'));
  await bucket.put('a', bytesOf(3));
  assert.equal((await bucket.info('a')).size, 3);
});

test('a bucket is made as the client of NATS makes it', async (t) => {
  const { bucket, api, store } = await startObjects(t);
  await bucket.put('a', bytesOf(1));
  await store('THEIRS');
  const configOf = async (name: string) => {
    const { config } = await api(`STREAM.INFO.OBJ_${name}`);
    return JSON.stringify(config).replaceAll(name, 'NAME');
  };
  assert.equal(await configOf('FILES'), await configOf('THEIRS'));
});

test('a larger object than allowed is not downloaded', async (t) => {
  const { bucket, peer } = await startObjects(t);
  await bucket.put('a', bytesOf(1000));
  const created = await peer.subscribe('$JS.API.CONSUMER.CREATE.>');
  await assert.rejects(bucket.get('a', 999), code('TOO_LARGE'));
  await peer.nc.flush();
  assert.equal(created.size, 0);
  await bucket.get('a', 1000);
});

test('links lead to objects of this and of other buckets; others are refused by name', async (t) => {
  const { bucket, store, peer } = await startObjects(t);
  const mine = await store();
  const others = await store('OTHERS');
  const data = bytesOf(200_000);
  await others.putBlob({ name: 'far' }, data);
  await mine.putBlob({ name: 'near' }, data);
  const infoOf = async (from: typeof mine, name: string) => (await from.info(name)) ?? assert.fail(name);
  await mine.link('to near', await infoOf(mine, 'near'));
  await mine.link('to far', await infoOf(others, 'far'));
  await mine.linkStore('to all', others);
  for (const name of ['to near', 'to far']) assert((await bucket.get(name, ANY_SIZE)).data.equals(data), name);
  assert.deepEqual((await bucket.info('to far')).link, { bucket: 'OTHERS', name: 'far' });
  await assert.rejects(bucket.get('to all', ANY_SIZE), (error: CodedError) => {
    assert.equal(error.text, 'BAD_LINK-bucket');
    assert.deepEqual(error.values, { object: 'to all', bucket: '"OTHERS"' });
    return true;
  });
  const link = (name: string, to: object) =>
    peer.nc.request(metaSubject('FILES', name), JSON.stringify({ name, options: { link: to } }));
  await link('circle', { bucket: 'FILES', name: 'circle' });
  await assert.rejects(bucket.get('circle', ANY_SIZE), code('BAD_LINK'));
  await link('bad', { bucket: 'a.>', name: 'x' });
  await assert.rejects(bucket.get('bad', ANY_SIZE), code('BAD_LINK'));
  await link('nowhere', { bucket: 'NOWHERE', name: 'x' });
  await assert.rejects(bucket.get('nowhere', ANY_SIZE), code('NO_BUCKET'));
  // A new object takes the place of a link, not of what that leads to.
  await bucket.put('to near', bytesOf(5));
  assert.equal((await bucket.get('to near', ANY_SIZE)).data.length, 5);
  assert((await bucket.get('near', ANY_SIZE)).data.equals(data));
  await bucket.delete('to far');
  await assert.rejects(bucket.info('to far'), code('NO_OBJECT'));
  assert.equal((await others.info('far'))?.deleted, false);
});

test('a damaged object is an error, and so is one without all its chunks', async (t) => {
  const { bucket, api, peer } = await startObjects(t, { timeoutMs: 300 });
  const describe = async (name: string, changed: object) => {
    await bucket.put(name, bytesOf(300_000));
    const { message } = await api('STREAM.MSG.GET.OBJ_FILES', { last_by_subj: metaSubject('FILES', name) });
    const described = { ...JSON.parse(Buffer.from(message.data, 'base64').toString()), ...changed };
    await peer.nc.request(metaSubject('FILES', name), JSON.stringify(described));
    return message.seq as number;
  };
  const { digest } = await bucket.put('other', bytesOf(1));
  await describe('digest', { digest });
  await assert.rejects(bucket.get('digest', ANY_SIZE), (error: CodedError) => {
    assert.equal(error.text, 'BAD_DIGEST');
    return true;
  });
  await describe('no digest', { digest: '' });
  await assert.rejects(bucket.get('no digest', ANY_SIZE), code('BAD_DIGEST'));
  await describe('longer', { size: 300_001 });
  await assert.rejects(bucket.get('longer', ANY_SIZE), code('BAD_DIGEST'));
  await describe('shorter', { size: 299_999 });
  await assert.rejects(bucket.get('shorter', ANY_SIZE), code('BAD_DIGEST'));
  await describe('missing', { chunks: 4 });
  await assert.rejects(bucket.get('missing', ANY_SIZE), code('BAD_DIGEST'));
  await describe('gone', { nuid: 'nowhere' });
  await assert.rejects(bucket.get('gone', ANY_SIZE), code('BAD_DIGEST'));
  // Under such a name everything would be read, and deleted.
  await describe('everything', { nuid: '>' });
  await assert.rejects(bucket.get('everything', ANY_SIZE), code('BAD_OBJECT'));
  await assert.rejects(bucket.delete('everything'), code('BAD_OBJECT'));
  assert.equal((await bucket.list()).length, 7);
});

test('an object replaces what describes none, and a put that fails over it leaves no chunks', async (t) => {
  const objects = await startObjects(t);
  const { bucket, peer, chunks } = objects;
  await bucket.put('a', bytesOf(10));
  await peer.nc.request(metaSubject('FILES', 'a'), 'no description');
  const writer = await bucket.open('a');
  await writer.add(bytesOf(300_000));
  writer.abort(new Error('given up'));
  await bucket.sweeper.settled();
  const left = Object.keys(await chunks()).length;
  await assert.rejects(bucket.get('a', ANY_SIZE), code('BAD_OBJECT'));
  await bucket.put('a', bytesOf(300_000));
  assert((await bucket.get('a', ANY_SIZE)).data.equals(bytesOf(300_000)));
  // Those of the first version, which nothing tells of any more.
  assert.equal(left, 1);
});

test('of objects that are put at once under one name one is whole, and no chunk of the others is left', async (t) => {
  const { bucket, connection, chunks } = await startObjects(t);
  await bucket.put('a', bytesOf(10));
  const others = [1, 2, 3].map(() => new ObjectBucket(connection, BUCKET));
  const all = [bucket, ...others].map((one, index) => one.put('a', bytesOf(400_000, index + 1)));
  await Promise.all(all);
  await bucket.sweeper.settled();
  const { data } = await bucket.get('a', ANY_SIZE);
  assert([1, 2, 3, 4].some((seed) => data.equals(bytesOf(400_000, seed))));
  assert.deepEqual(Object.values(await chunks()), [4]);
});

test('objects that one bucket puts under a name follow each other', async (t) => {
  const { bucket } = await startObjects(t);
  const puts = [bucket.put('a', bytesOf(5_000_000)), bucket.put('a', bytesOf(1)), bucket.put('a', bytesOf(2))];
  await Promise.all(puts);
  assert.equal((await bucket.info('a')).size, 2);
});

test('an object that is replaced again and again is always read as a whole', async (t) => {
  const { bucket, connection } = await startObjects(t);
  const versions = [1, 2, 3, 4].map((seed) => bytesOf(3_000_000, seed));
  await bucket.put('a', versions[0] as Buffer);
  let isOver = false;
  const writing = (async () => {
    for (let count = 0; !isOver; count++) await bucket.put('a', versions[count % 4] as Buffer);
  })();
  const reader = new ObjectBucket(connection, { ...BUCKET, timeoutMs: 300 });
  let whole = 0;
  for (let count = 0; count < 20; count++) {
    const data = await reader.get('a', ANY_SIZE).then(
      ({ data }) => data,
      (error: CodedError) => error.code,
    );
    // It may have been replaced each time.
    if (typeof data === 'string') assert.match(data, /^(BAD_DIGEST|TIMEOUT)$/);
    else assert(versions.some((version) => version.equals(data)) && ++whole);
  }
  isOver = true;
  await writing;
  assert(whole > 0);
});

test('an object in chunks goes out in order, and its last chunk only when it is whole', async (t) => {
  const { bucket, api, peer } = await startObjects(t);
  const data = bytesOf(300_000);
  await bucket.put('a', data);
  const read = async () => {
    const chunks: Buffer[] = [];
    const indexes: number[] = [];
    let started = 0;
    const done = bucket.read(
      'a',
      ANY_SIZE,
      ({ chunks }) => {
        started = chunks;
      },
      (chunk, index) => {
        chunks.push(Buffer.from(chunk));
        indexes.push(index);
      },
    );
    const error = await done.then(
      () => undefined,
      (error: CodedError) => error,
    );
    return { chunks, indexes, started, error };
  };
  const whole = await read();
  assert.deepEqual([whole.started, whole.indexes, whole.error], [3, [0, 1, 2], undefined]);
  assert(Buffer.concat(whole.chunks).equals(data));
  const { message } = await api('STREAM.MSG.GET.OBJ_FILES', { last_by_subj: metaSubject('FILES', 'a') });
  const described = JSON.parse(Buffer.from(message.data, 'base64').toString());
  const digest = `SHA-256=${createHash('sha256').digest('base64')}`;
  await peer.nc.request(metaSubject('FILES', 'a'), JSON.stringify({ ...described, digest }));
  const damaged = await read();
  assert.deepEqual([damaged.indexes, damaged.error?.code], [[0, 1], 'BAD_DIGEST']);
});

test('no more than 256 MiB of objects wait for a silent server', { skip: NO_FREEZE }, async (t) => {
  const { bucket, server } = await startObjects(t);
  const large = Buffer.alloc(128 * 1024 * 1024);
  await bucket.put('small', Buffer.from('small'));
  await freeze(server.server);
  const waiting = ['a', 'b'].map((name) => bucket.put(name, large));
  await assert.rejects(bucket.put('c', Buffer.alloc(1)), { code: 'OUTBOX_FULL' });
  await bucket.close();
  for (const put of waiting) await assert.rejects(put);
});

test('closing ends a list at once, also while the server is silent', { skip: NO_FREEZE }, async (t) => {
  const { bucket, server } = await startObjects(t, { timeoutMs: 20_000 });
  await bucket.put('a', bytesOf(10));
  // The list goes on after that with a server that no longer answers.
  const frozen = bucket.stream.ensure().then(() => freeze(server.server));
  const listing = bucket.list();
  listing.catch(() => {});
  await frozen;
  await bucket.close();
  await assert.rejects(listing, code('CLOSED'));
});
