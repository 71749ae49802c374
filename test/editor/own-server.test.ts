import assert from 'node:assert/strict';
import { test } from 'node:test';
import { freePort } from '../../scripts/free-port';
import { natsServerVersion } from '../../scripts/nats-server';
import { startNodeRed } from '../../scripts/node-red';
import { makeBare } from '../support/bare-machine';
import { openDialog, startEditor } from '../support/browser';
import { nodeDefaults } from '../support/node-defaults';
import { problemsOf } from '../support/page-problems';

test('the dialog of nats-server installs the program, and warns of a server that is open to everyone', async (t) => {
  const [port, version] = [await freePort(), natsServerVersion()];
  const to = makeBare(t, '[ "$4" = --no-install-recommends ] && ln -s "$FROM" "$TO"; exit 0');
  const server = { ...nodeDefaults('nats-server'), id: 'own', type: 'nats-server', port };
  const nodeRed = await startNodeRed([
    { id: 'tab', type: 'tab', label: 'Server' },
    { ...server, z: 'tab', x: 200, y: 60, wires: [[]] },
  ]);
  t.after(nodeRed.stop);
  const page = await startEditor(t, nodeRed.url);
  const problems = problemsOf(page);

  await openDialog(page, 'own');
  const program = page.locator('#nats-server-program');
  const button = page.locator('#nats-server-install');
  await button.waitFor();
  assert.match(
    await program.innerText(),
    /not installed.*\nThe button below.*\nIn a terminal: sudo apt-get update && sudo apt-get install/,
  );
  await button.click();
  await button.waitFor({ state: 'hidden' });
  assert.equal(await program.innerText(), `✓ nats-server ${version}: ${to}`);

  const warning = page.locator('#nats-server-open');
  assert(!(await warning.isVisible()));
  await page.locator('#node-input-listen').selectOption('all');
  await warning.waitFor();
  await page.locator('#node-input-token').fill('t0p');
  await warning.waitFor({ state: 'hidden' });
  await page.locator('#node-input-token').fill('');
  await warning.waitFor();
  await page.locator('#node-input-storeDir').waitFor();
  await page.locator('#node-input-jetstream').uncheck();
  await page.locator('#node-input-storeDir').waitFor({ state: 'hidden' });
  await page.locator('#node-dialog-cancel').click();
  await page.locator('[id="own"]', { hasText: `running on port ${port}` }).waitFor();
  assert.deepEqual(problems, []);
});
