import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, extname, join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { startNodeRed } from '../../scripts/node-red';
import { FAMILIES, typesIn } from '../support/node-files';
import { installPacked, pack, publishDryRun } from '../support/packed';

const ROOT = join(__dirname, '..', '..', '..');

/** The editor's description of a set of nodes. */
interface NodeSet {
  module: string;
  types: string[];
  enabled: boolean;
  err?: string;
}

test('the tarball contains what Node-RED needs and nothing else', async () => {
  const { files } = await pack();
  const allowed = [
    /^dist\/(context|nodes|lib)\/.*\.(js|html|json|svg|bin|LICENSE\.txt)$/,
    /^examples\/.*\.json$/,
    /^resources\/((nats-tab|nats-dialogs)\/)?[^/]+\.(js|html|css)$/,
    /^(README\.md|CHANGELOG\.md|LICENSE|package\.json)$/,
  ];
  assert.deepEqual(
    files.filter((file) => !allowed.some((pattern) => pattern.test(file))),
    [],
  );
  for (const family of FAMILIES) {
    for (const type of typesIn(family)) assert(files.includes(`dist/nodes/${family}/${type}.html`), type);
    assert(files.includes(`dist/nodes/${family}/icons/nats.svg`), family);
  }
  for (const [from, to] of [
    ['examples', 'examples'],
    ['resources', 'resources'],
    ...FAMILIES.map((family) => [`nodes/${family}/locales`, `dist/nodes/${family}/locales`]),
  ] as [string, string][]) {
    for (const file of readdirSync(join(ROOT, from), { recursive: true, encoding: 'utf8' })) {
      const path = `${to}/${file.replaceAll('\\', '/')}`;
      if (extname(file)) assert(files.includes(path), path);
    }
  }
  const font = ['dist/lib/sense-hat/led/galmuri.bin', 'dist/lib/sense-hat/led/galmuri.LICENSE.txt'];
  for (const file of ['README.md', 'CHANGELOG.md', 'LICENSE', ...font]) assert(files.includes(file), file);
});

test('npm would publish the pack publicly, without a warning', async () => {
  const output = await publishDryRun();
  const warnings = output.split('\n').filter((line) => /^npm warn/i.test(line) && !line.includes('logged in'));
  assert.deepEqual(warnings, []);
  assert.match(output, /with tag latest and public access/);
});

test('the changelog has a dated section for the version of the package', () => {
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const changelog = readFileSync(join(ROOT, 'CHANGELOG.md'), 'utf8');
  const dates = Array.from(changelog.matchAll(/^## \[(.+)\] - \d{4}-\d{2}-\d{2}$/gm), ([, dated]) => dated);
  assert(dates.includes(version), `${version} is not among ${dates}`);
});

test('installing builds nothing: no package has an install script or a native module', async () => {
  const { tarball } = await pack();
  const folder = join(await installPacked(tarball), 'node_modules');
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((file) => file.replaceAll('\\', '/'));
  const isNative = (file: string) => /\.node$|(^|\/)binding\.gyp$|\.wasm$/.test(file);
  assert.deepEqual(files.filter(isNative), []);
  const manifests = files.filter((file) => /^(@[^/]+\/)?[^/]+\/package\.json$/.test(file));
  assert(manifests.length > 3, `${manifests}`);
  for (const file of manifests) {
    const { scripts = {} } = JSON.parse(readFileSync(join(folder, file), 'utf8'));
    for (const script of ['preinstall', 'install', 'postinstall']) assert(!(script in scripts), `${script} of ${file}`);
  }
});

test('the context store and every file of the pack can be required from a user folder, and the store imported', async () => {
  const { tarball, files } = await pack();
  const settings = createRequire(join(await installPacked(tarball), 'settings.js'));
  const context = settings('@natshat/node-red/context');
  assert.equal(typeof context, 'function');
  assert.equal(String(context), '@natshat/node-red/context');
  assert.throws(() => context({}), /^BAD_BUCKET: no bucket/);
  for (const file of files) assert(settings.resolve(`@natshat/node-red/${file}`), file);
  const module = join(dirname(settings.resolve('@natshat/node-red/package.json')), 'imported.mjs');
  writeFileSync(module, "export { default } from '@natshat/node-red/context';");
  assert.equal((await import(pathToFileURL(module).href)).default, context);
});

test('installed from the tarball into an empty user folder, every node loads', async (t) => {
  const { tarball } = await pack();
  const nodeRed = await startNodeRed([], { userDir: await installPacked(tarball) });
  t.after(nodeRed.stop);
  const response = await fetch(`${nodeRed.url}nodes`, { headers: { accept: 'application/json' } });
  const sets = ((await response.json()) as NodeSet[]).filter(({ module }) => module === '@natshat/node-red');
  const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  assert.deepEqual(sets.flatMap(({ types }) => types).sort(), Object.keys(manifest['node-red'].nodes).sort());
  for (const { enabled, err, types } of sets) assert(enabled && !err, `${types}: ${err}`);
});
