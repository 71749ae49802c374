import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser, Locator, Page } from 'playwright-core';
import { type NatsServer, startNatsServer } from '../../scripts/nats-server';
import { type RunningNodeRed, startNodeRed } from '../../scripts/node-red';
import {
  clickDeploy,
  closeDialog,
  openConfigDialog,
  openDialog,
  openEditor,
  startBrowser,
  takePicture,
} from '../support/browser';
import { makeFolder } from '../support/folder';
import { FLOW_NODES, nodeDefaults } from '../support/node-defaults';
import { isConfig } from '../support/node-files';
import { problemsOf } from '../support/page-problems';

const FORM = '#dialog-form';

let server: NatsServer;
let nodeRed: RunningNodeRed;
let browser: Browser;
let page: Page;
let problems: string[];

before(async () => {
  server = await startNatsServer({ config: `jetstream { store_dir: ${JSON.stringify(makeFolder())} }` });
  const config = { id: 'server', type: 'nats-config', ...nodeDefaults('nats-config'), servers: server.url };
  const nodes = FLOW_NODES.map((type, index) => ({
    id: type,
    type,
    z: 'tab',
    x: 200,
    y: 60 + 80 * index,
    wires: [],
    ...nodeDefaults(type),
    ...(type.startsWith('nats-') && { server: 'server' }),
    ...(/subscribe/.test(type) && { subject: 'a.b' }),
    ...(type === 'nats-queue-subscribe' && { queue: 'q' }),
    ...(type === 'nats-consume' && { stream: 'stream' }),
    ...(type.startsWith('nats-kv') && { bucket: 'settings' }),
    ...(type === 'nats-object' && { bucket: 'FILES' }),
  }));
  const stream = {
    ...nodeDefaults('nats-stream'),
    id: 'stream',
    type: 'nats-stream',
    server: 'server',
    stream: 'ORDERS',
    subjects: 'orders.>',
  };
  nodeRed = await startNodeRed([{ id: 'tab', type: 'tab', label: 'Dialogs' }, config, stream, ...nodes]);
  browser = await startBrowser();
  page = await openEditor(browser, nodeRed.url);
  problems = problemsOf(page);
});

after(async () => {
  await browser?.close();
  await nodeRed?.stop();
  await server?.stop();
});

/** Hovers over a field until a text appears; again if movement below the pointer interrupts that. */
async function pointAt(field: Locator, text: Locator): Promise<void> {
  do {
    await page.mouse.move(0, 0);
    await field.hover();
    await text.waitFor({ timeout: 3000 }).catch(() => {});
  } while (!(await text.isVisible()));
}

async function openConnection(): Promise<void> {
  await openDialog(page, 'nats-publish');
  await openConfigDialog(page, 'server');
}

async function closeConfigDialog(): Promise<void> {
  await closeDialog(page, 'cancel', 'node-config');
  await closeDialog(page, 'cancel');
}

const openTab = (id: string) => page.locator(`a[href="#${id}"]`).click();
const openConfigTab = (name: string) => openTab(`nats-config-tab-${name}`);

/** The tabs of the dialogs that have some. */
const TABS: Record<string, string[]> = { 'sense-led': ['text', 'picture', 'device'] };

/** The visible fields of a dialog, in the order of the document, and those of them without a label. */
async function fieldsOf(form: string): Promise<{ ids: string[]; unlabelled: string[] }> {
  const fields = page.locator(
    `${form} .form-row :is(input, select, textarea):visible:not(.red-ui-typedInput-container *)`,
  );
  const found = await fields.evaluateAll((elements) =>
    (elements as LabelledElement[]).map(({ id, className, labels, ariaLabel }) => ({
      id: id || className,
      isLabelled: Boolean(ariaLabel) || [...(labels ?? [])].some(({ textContent }) => textContent.trim() !== ''),
    })),
  );
  return {
    ids: found.map(({ id }) => id),
    unlabelled: found.filter(({ isLabelled }) => !isLabelled).map(({ id }) => id),
  };
}

interface LabelledElement {
  id: string;
  className: string;
  ariaLabel: string | null;
  labels?: Iterable<{ textContent: string }>;
}

for (const type of FLOW_NODES) {
  test(`the fields of the ${type} dialog are valid and labelled, and the Tab key follows their order`, async () => {
    await openDialog(page, type);
    assert.equal(await page.locator(`${FORM} .input-error`).count(), 0);
    if (type === 'sense-led') await takePicture(page, type);
    for (const tab of TABS[type] ?? [undefined]) {
      if (tab) await openTab(`${type}-tab-${tab}`);
      const { ids, unlabelled } = await fieldsOf(FORM);
      assert.deepEqual(unlabelled, []);
      assert(ids.includes('node-input-name'));
      assert.equal(
        await page.locator(`${FORM} .form-row label:visible:not(:has(i.fa))`).count(),
        0,
        'an icon is missing',
      );

      await page.locator(`${FORM} .form-row :is(input, select):visible`).first().focus();
      const focused = async () =>
        String(await page.evaluate('document.activeElement.id || document.activeElement.className'));
      const order = [await focused()];
      while (order.at(-1) !== ids.at(-1) && order.length < 60) {
        await page.keyboard.press('Tab');
        order.push(await focused());
      }
      // Buttons and typed fields are in between.
      assert.deepEqual(
        order.filter((id) => ids.includes(id)),
        ids,
      );
    }
    await closeDialog(page, 'cancel');
  });
}

/** Fields that one choice in a dialog shows and another one hides. */
const CONDITIONAL: [type: string, field: string, choice: string, shown: string, hidden: string][] = [
  ['nats-publish', 'maxAgeMs', 'whenDown', 'hold', 'drop'],
  ['nats-respond', 'maxAgeMs', 'whenDown', 'hold', 'fail'],
  ['nats-subscribe', 'subject', 'mode', 'static', 'dynamic'],
  ['nats-queue-subscribe', 'subject', 'mode', 'static', 'dynamic'],
  ['nats-request', 'count', 'replies', 'many', 'one'],
  ['nats-request', 'stallMs', 'replies', 'many', 'one'],
  ['sense-sensors', 'correctionFactor', 'correction', 'cpu', 'offset'],
  ['sense-sensors', 'offsetC', 'correction', 'offset', 'none'],
];

test('a node that lacks properties has their defaults, and Done without a change changes nothing', async () => {
  const types = ['nats-config', 'nats-stream', 'nats-service', ...FLOW_NODES];
  const bare = types.map((type) => ({ id: `bare-${type}`, type, ...(!isConfig(type) && { z: 'tab', x: 600, y: 60 }) }));
  await page.evaluate(`RED.nodes.import(${JSON.stringify(bare)}, { generateIds: false })`);
  for (const { id, type } of bare) {
    const found = () => page.evaluate(`RED.nodes.convertNode(RED.nodes.node('${id}'), false)`);
    const before = await found();
    assert.deepEqual(before, { ...(before as object), ...nodeDefaults(type) }, type);
    const [open, kind] = isConfig(type)
      ? ([`RED.editor.editConfig('', '${type}', '${id}')`, 'node-config'] as const)
      : ([`RED.editor.edit(RED.nodes.node('${id}'))`, 'node'] as const);
    await page.evaluate(open);
    await closeDialog(page, 'ok', kind);
    assert.deepEqual(await found(), before, type);
  }
  await page.evaluate(`${JSON.stringify(bare)}.forEach(({ id }) => RED.nodes.remove(id))`);
});

test('fields are visible only where they apply', async () => {
  for (const [type, field, choice, shown, hidden] of CONDITIONAL) {
    await openDialog(page, type);
    await page.locator(`#node-input-${choice}`).selectOption(hidden);
    await page.locator(`#node-input-${field}`).waitFor({ state: 'hidden' });
    await page.locator(`#node-input-${choice}`).selectOption(shown);
    await page.locator(`#node-input-${field}`).waitFor();
    await closeDialog(page, 'cancel');
  }
  await openDialog(page, 'nats-subscribe');
  await page.locator('#node-input-batchMs').waitFor({ state: 'hidden' });
  await page.locator('#node-input-batch').fill('100');
  await page.keyboard.press('Tab');
  await page.locator('#node-input-batchMs').waitFor();
  await closeDialog(page, 'cancel');
});

/** Invalid values of fields, and the reasons shown for them. */
const INVALID: [type: string, field: string, value: string, reason: RegExp][] = [
  ['nats-publish', 'subject', 'a..b', /tokens separated by dots, without wildcards/],
  ['nats-publish', 'subject', 'a.*', /without wildcards/],
  ['nats-subscribe', 'subject', 'a.>.b', /> at the end matches one or more/],
  ['nats-queue-subscribe', 'queue', 'a b', /A queue group consists of tokens/],
  ['nats-subscribe', 'max', '2.5', /a whole number from 0 to 999999999/],
  ['nats-subscribe', 'max', '1000000000', /a whole number from 0 to 999999999/],
  ['nats-queue-subscribe', 'batch', '65537', /a whole number from 0 to 65536/],
  ['nats-publish', 'maxAgeMs', '-1', /a number of at least 0/],
  ['sense-led', 'color', 'rouge', /Enter a CSS colour/],
  ['nats-request', 'timeoutMs', '0', /a number of at least 1/],
  ['nats-request', 'timeoutMs', 'soon', /a number of at least 1/],
  ['sense-led', 'repeat', '2.5', /a whole number from 0/],
  ['sense-led', 'brightness', '101', /from 0 to 100/],
  ['sense-sensors', 'intervalMs', '19', /a number from 20/],
];

test('where 0 means no limit, the field says so, and keeps its value', async () => {
  for (const [type, field] of [
    ['nats-subscribe', 'max'],
    ['nats-publish', 'maxAgeMs'],
  ] as const) {
    await openDialog(page, type);
    const input = page.locator(`#node-input-${field}`);
    assert.deepEqual([await input.inputValue(), await input.getAttribute('placeholder')], ['', 'no limit']);
    await closeDialog(page, 'ok');
    assert.equal(await page.evaluate(`RED.nodes.node('${type}').${field}`), 0);
  }
});

test('a subject like a topic of MQTT is valid, and a hint says how NATS writes it', async () => {
  await openDialog(page, 'nats-subscribe');
  const input = page.locator('#node-input-subject');
  const hint = page.locator('.nats-hint');
  assert.equal(await input.getAttribute('placeholder'), 'plant.*.temperature');
  for (const [typed, subject] of [
    ['a/b/#', 'a.b.>'],
    ['plant/+/temperature', 'plant.*.temperature'],
    ['/a.b', 'a.b'],
    ['a.+', 'a.*'],
  ]) {
    await input.fill(typed as string);
    await hint.filter({ hasText: `In NATS this is ${subject}:` }).waitFor();
    await input.press('Tab');
    assert.equal(await page.locator(`${FORM} .input-error`).count(), 0, typed);
  }
  for (const plain of ['a.b.>', 'a.*', '${NAME}/a']) {
    await input.fill(plain);
    await hint.waitFor({ state: 'hidden' });
  }
  await closeDialog(page, 'cancel');
});

test('an invalid value is marked, and a tooltip explains the reason', async () => {
  for (const [type, field, value, reason] of INVALID) {
    await openDialog(page, type);
    const input = page.locator(`#node-input-${field}`);
    if (field === 'brightness') await openTab('sense-led-tab-picture');
    await input.fill(value);
    await page.keyboard.press('Tab');
    await page.locator(`#node-input-${field}.input-error`).waitFor();
    await pointAt(input, page.locator('.red-ui-popover', { hasText: reason }));
    await closeDialog(page, 'cancel');
  }
});

test('a variable is valid in place of a text', async () => {
  for (const call of ["checkJson('json', '${NAME}')", "check('publish', '${NAME}')", "checkServers('${NAME}')"]) {
    assert.equal(await page.evaluate(`natshat.${call}`), true, call);
  }
});

test('a variable is valid in place of a number, and saved', async () => {
  for (const [type, field] of [
    ['nats-request', 'timeoutMs'],
    ['nats-subscribe', 'batch'],
    ['sense-led', 'brightness'],
    ['sense-led', 'repeat'],
  ] as const) {
    await openDialog(page, type);
    if (field === 'brightness') await openTab('sense-led-tab-picture');
    await page.locator(`#node-input-${field}`).fill('${NAME}');
    await page.keyboard.press('Tab');
    assert.equal(await page.locator(`${FORM} .input-error`).count(), 0, field);
    await closeDialog(page, 'ok');
    const node = `RED.nodes.node('${type}')`;
    assert.deepEqual(await page.evaluate(`[${node}.${field}, ${node}.valid]`), ['${NAME}', true]);
    await page.evaluate("RED.actions.invoke('core:undo')");
  }
});

test('the settings of the server are on four tabs, and each field has a label', async () => {
  await openConnection();
  await openConfigTab('security');
  for (const [auth, fields] of Object.entries({
    none: [],
    user: ['user', 'password'],
    token: ['token'],
    nkey: ['seed'],
    creds: ['creds'],
  })) {
    await page.locator('#node-config-input-auth').selectOption(auth);
    const { ids, unlabelled } = await fieldsOf('#nats-config-tab-security');
    assert.deepEqual(unlabelled, []);
    const expected = ['auth', ...fields, 'tls', 'tlsFirst'].map((name) => `node-config-input-${name}`);
    assert.deepEqual(ids, expected);
  }
  for (const tab of ['connection', 'presence', 'advanced']) {
    await openConfigTab(tab);
    assert.deepEqual((await fieldsOf(`#nats-config-tab-${tab}`)).unlabelled, []);
  }
  await closeConfigDialog();
});

test('the connection is tested with the entered settings, and the button is disabled until the answer', async (t) => {
  const plain = await startNatsServer();
  t.after(plain.stop);
  await openConnection();
  const result = page.locator('#nats-config-test-result');
  await page.locator('#node-config-input-servers').fill('nats://127.0.0.1:1');
  await page.locator('#nats-config-test').click();
  await result.filter({ hasText: 'connection refused' }).waitFor();
  for (const [url, said] of [
    [plain.url, 'JetStream disabled'],
    [server.url, 'JetStream enabled'],
  ] as const) {
    await page.locator('#node-config-input-servers').fill(url);
    await page.locator('#nats-config-test').click();
    await result.filter({ hasText: said }).waitFor();
  }
  await page.locator('#nats-config-test:enabled').waitFor();
  await takePicture(page, 'nats-config');
  await closeConfigDialog();
});

test('a connection is tried with variables that have not been deployed yet', async () => {
  const { port } = new URL(server.url);
  await page.evaluate((port) => {
    const RED = Reflect.get(window, 'RED');
    RED.nodes.workspace('tab').env = [{ name: 'NATS_PORT', type: 'num', value: port }];
    const env = [
      { name: 'NATS_HOST', type: 'cred', value: '__PWRD__' },
      { name: 'NATS_PORT', type: 'num', value: '1' },
    ];
    const _def = RED.nodes.getType('global-config');
    const credentials = { map: { NATS_HOST: '127.0.0.1', has_NATS_HOST: true } };
    RED.nodes.add({ id: 'global', type: 'global-config', env, modules: {}, users: [], credentials, _def });
  }, port);
  await openConnection();
  const result = page.locator('#nats-config-test-result');
  await page.locator('#node-config-input-servers').fill('nats://${NATS_HOST}:${NATS_PORT}');
  await page.locator('#nats-config-test').click();
  await result.filter({ hasText: 'connection refused' }).waitFor();
  // The variables of a tab are there for the nodes of that tab.
  await page.locator('#red-ui-editor-config-scope').selectOption('tab');
  await page.locator('#nats-config-test').click();
  await result.filter({ hasText: `on 127.0.0.1:${port}` }).waitFor();
  await closeConfigDialog();
});

test('a connection test that is refused says why', async () => {
  const answer = { status: 403, json: { code: 'BAD_REQUEST', error: 'a reason in words' } };
  await page.route('**/nats-config/test', (route) => route.fulfill(answer));
  await openConnection();
  await page.locator('#nats-config-test').click();
  await page.locator('#nats-config-test-result', { hasText: 'a reason in words' }).waitFor();
  await closeConfigDialog();
  await page.unroute('**/nats-config/test');
  assert.equal(problems.length, 1);
  assert.match(problems.pop() ?? '', /403/);
});

test('entered values are saved and appear in the labels', async () => {
  await openDialog(page, 'nats-publish');
  await page.locator('#node-input-subject').fill('senseshow');
  await closeDialog(page, 'ok');
  await openDialog(page, 'nats-queue-subscribe');
  await page.locator('#node-input-subject').fill('a-queue');
  await page.locator('#node-input-queue').fill('excelsior');
  await closeDialog(page, 'ok');
  await openDialog(page, 'nats-subscribe');
  await page.locator('#node-input-mode').selectOption('dynamic');
  await closeDialog(page, 'ok');
  await openDialog(page, 'sense-led');
  await page.locator('#node-input-color').fill('orange');
  await page.keyboard.press('Tab');
  assert.equal(await page.locator('.sense-led-color').first().inputValue(), '#ffa500');
  await page.locator('.sense-led-color').last().fill('#000080');
  await closeDialog(page, 'ok');

  await page.locator('[id="nats-publish"]', { hasText: 'senseshow' }).waitFor();
  await page.locator('[id="nats-queue-subscribe"]', { hasText: 'a-queue · excelsior' }).waitFor();
  await page.locator('[id="nats-subscribe"] .red-ui-flow-port-input').waitFor();
  await clickDeploy(page, nodeRed);
  const flows = (await (await fetch(`${nodeRed.url}flows`)).json()) as { id: string; [property: string]: unknown }[];
  const saved = (id: string) => flows.find((node) => node.id === id);
  assert.equal(saved('nats-publish')?.subject, 'senseshow');
  assert.equal(saved('nats-queue-subscribe')?.queue, 'excelsior');
  assert.equal(saved('nats-subscribe')?.inputs, 1);
  assert.equal(saved('sense-led')?.color, 'orange');
  assert.equal(saved('sense-led')?.background, '#000080');
});

test('an output has a label', async () => {
  for (const [type, label] of Object.entries({
    'nats-request': 'the message with the reply',
    'sense-led': 'the message, after it has been shown',
  })) {
    await page.locator(`[id="${type}"] .red-ui-flow-port-output`).hover();
    await page.locator('.red-ui-flow-port-tooltip', { hasText: label }).waitFor();
    await page.mouse.move(5, 5);
  }
});

// This is the last test because it checks what the others caused.
test('the console has no warnings, and no request went to another machine', () => {
  assert.deepEqual(problems, []);
});
