import { test } from 'node:test';
import { startNodeRed } from '../../scripts/node-red';
import { clickDeploy, startEditor } from '../support/browser';
import { exampleFlow, nodeOf } from '../support/examples';

test('the first deploy of Hello shows the Sense HAT tab of the sidebar, and no later one does', async (t) => {
  const other = { id: 'other', type: 'tab', label: 'Other' };
  const nodeRed = await startNodeRed([other, { id: 'note', type: 'comment', z: 'other', x: 100, y: 60, wires: [] }]);
  t.after(nodeRed.stop);
  const page = await startEditor(t, nodeRed.url);
  const flow = exampleFlow('Hello');
  const panel = page.locator('.sense-hat-panel');
  const change = (id: string) =>
    page.evaluate(`RED.nodes.node('${id}').changed = true; RED.nodes.dirty(true); RED.sidebar.show('info')`);

  await change('note');
  await clickDeploy(page, nodeRed);
  await panel.waitFor({ state: 'hidden' });
  await page.evaluate(`RED.nodes.import(${JSON.stringify(flow)}, { generateIds: false }); RED.nodes.dirty(true)`);
  await clickDeploy(page, nodeRed);
  await panel.waitFor();
  await change(nodeOf(flow, 'inject').id);
  await panel.waitFor({ state: 'hidden' });
  await clickDeploy(page, nodeRed);
  await panel.waitFor({ state: 'hidden' });
});
