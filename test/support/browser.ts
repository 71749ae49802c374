import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import type { RunningNodeRed } from '../../scripts/node-red';

/** The paths of Chromium and Chrome on Debian, Ubuntu, macOS and Windows. */
const PROGRAMS = [
  process.env.CHROMIUM ?? '',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
];

/** A folder for screenshots: PICTURES=docs npm run test:e2e renews those of the documentation. */
export const pictures = process.env.PICTURES;

const QUIET = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'];

/** Starts the Chromium or Chrome of this machine, or the one that `CHROMIUM` names, with some switches of its own. */
export async function startBrowser(switches: string[] = []): Promise<Browser> {
  const executablePath = PROGRAMS.find((path) => path && existsSync(path));
  if (!executablePath) throw new Error('There is no Chromium: install it, or set CHROMIUM to the path of one.');
  return chromium.launch({
    executablePath,
    args: [...QUIET, '--disable-component-update', '--disable-sync', ...switches],
  });
}

/** Opens the Node-RED editor and resolves when its flows are drawn. Only Node-RED 5 has a dark theme of its own. */
export async function openEditor(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<Page> {
  const deviceScaleFactor = pictures ? 2 : 1;
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 }, deviceScaleFactor, ...options });
  await page.addInitScript("localStorage.setItem('view-dark-theme', 'auto')");
  await page.goto(url);
  await page.locator('.red-ui-flow-node').first().waitFor();
  return page;
}

/** Opens the Node-RED editor in its own browser until the test ends; see `openEditor`. */
export async function startEditor(t: TestContext, url: string, options?: BrowserContextOptions): Promise<Page> {
  const browser = await startBrowser();
  t.after(() => browser.close());
  return openEditor(browser, url, options);
}

/** How long a dialog may take to open or close before there is another click. */
const PATIENCE_MS = 8000;
const MAX_DOUBLE_CLICKS = 3;

const FORM = '#dialog-form';
const CONFIG_FORM = '#node-config-dialog-edit-form';

/** Opens the dialog of a node; resolves when it takes clicks. */
export async function openDialog(page: Page, nodeId: string): Promise<void> {
  const node = page.locator(`[id="${nodeId}"] > rect.red-ui-flow-node`);
  const form = page.locator(FORM);
  const isOpen = () =>
    form.waitFor({ timeout: PATIENCE_MS }).then(
      () => true,
      () => false,
    );
  await isUncovered(page);
  // Node-RED ignores two clicks within a millisecond, and on a busy machine takes them for single ones.
  for (let clicks = 0; clicks < MAX_DOUBLE_CLICKS; clicks++) {
    await node.dblclick({ delay: 20 });
    if (await isOpen()) break;
  }
  await takesInput(page, FORM);
}

/** Resolves when no dialog and no deploy shades the workspace: a click that is stopped there scrolls it. */
const isUncovered = (page: Page) =>
  page.locator('#red-ui-editor-shade:visible, #red-ui-full-shade:visible').waitFor({ state: 'hidden' });

/** Opens the dialog of the config node that a property of the open dialog refers to; resolves when it takes input. */
export async function openConfigDialog(page: Page, property: string): Promise<void> {
  await page.locator(`#node-input-btn-${property}-edit`).click();
  await takesInput(page, CONFIG_FORM);
}

/**
 * Waits until a dialog has slid in: the editor sets the focus to its first field then, in the middle of what is entered
 * before, and opens no other dialog earlier.
 */
async function takesInput(page: Page, form: string): Promise<void> {
  await page.waitForFunction(
    `document.querySelector('${form}')?.closest('.red-ui-tray').contains(document.activeElement)`,
  );
}

/**
 * Closes the dialog of a node, or of a config node; with a second click if the editor ignored the first because another
 * dialog slid away.
 */
export async function closeDialog(
  page: Page,
  button: 'ok' | 'cancel',
  kind: 'node' | 'node-config' = 'node',
): Promise<void> {
  const form = page.locator(kind === 'node' ? FORM : CONFIG_FORM);
  const click = () => page.locator(`#${kind}-dialog-${button}`).click();
  await click();
  await form.waitFor({ state: 'detached', timeout: PATIENCE_MS }).catch(async () => {
    await click();
    await form.waitFor({ state: 'detached' });
  });
}

/** Enters a value and waits until it is marked as invalid, or no longer is. */
export async function fillIn(page: Page, id: string, value: string, isValid: boolean): Promise<void> {
  await page.locator(`#${id}`).fill(value);
  await page.locator(`#${id}`).blur();
  await page.locator(isValid ? `#${id}:not(.input-error)` : `#${id}.input-error`).waitFor();
}

/** Takes a picture of the page with a dialog for the documentation, if pictures are wanted. */
export async function takePicture(page: Page, name: string): Promise<void> {
  if (!pictures) return;
  await page.waitForTimeout(500); // Until the dialog has slid in.
  await page.screenshot({ path: join(pictures, `${name}.png`) });
}

/** Clicks the button of an Inject node. */
export async function clickInject(page: Page, nodeId: string): Promise<void> {
  await isUncovered(page);
  await page.locator(`[id="${nodeId}"] .red-ui-flow-node-button-button`).click();
}

/** The area of the nodes in the open flow and of the previews below them, for a screenshot. */
export async function flowArea(page: Page): Promise<{ x: number; y: number; width: number; height: number }> {
  const parts = page.locator('.red-ui-flow-node-group, .sense-led-preview');
  const boxes = (await Promise.all((await parts.all()).map((part) => part.boundingBox()))).filter(
    (box) => box !== null,
  );
  const margin = 20;
  const x = Math.min(...boxes.map((box) => box.x)) - margin;
  const y = Math.min(...boxes.map((box) => box.y)) - margin;
  const width = Math.max(...boxes.map((box) => box.x + box.width)) - x + margin;
  const height = Math.max(...boxes.map((box) => box.y + box.height)) - y + margin;
  return { x, y, width, height };
}

/** Clicks _Deploy_ and resolves when the flows run. */
export async function clickDeploy(page: Page, { app }: RunningNodeRed): Promise<void> {
  const started = once(app.events, 'flows:started');
  await page.locator('#red-ui-header-button-deploy').click();
  await started;
  await page.locator('#red-ui-header-button-deploy.disabled').waitFor();
}
