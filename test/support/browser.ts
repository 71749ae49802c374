import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { type Browser, chromium, type Page } from 'playwright-core';
import type { RunningNodeRed } from '../../scripts/node-red';

/** Where Debian, Ubuntu, macOS and Windows put a Chromium or Chrome. */
const PROGRAMS = [
  process.env.CHROMIUM ?? '',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
];

const QUIET = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'];

/** Starts the Chromium or Chrome of this machine, or the one that `CHROMIUM` names. */
export async function startBrowser(): Promise<Browser> {
  const executablePath = PROGRAMS.find((path) => path && existsSync(path));
  if (!executablePath) throw new Error('There is no Chromium: install it, or set CHROMIUM to the path of one.');
  return chromium.launch({ executablePath, args: [...QUIET, '--disable-component-update', '--disable-sync'] });
}

/** Opens the Node-RED editor, in the language of a locale, and resolves when its flows are drawn. */
export async function openEditor(browser: Browser, url: string, locale = 'en-US'): Promise<Page> {
  const deviceScaleFactor = process.env.PICTURE ? 2 : 1;
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 }, deviceScaleFactor, locale });
  await page.goto(url);
  await page.locator('.red-ui-flow-node').first().waitFor();
  return page;
}

/** Clicks the button of an Inject node. */
export async function clickInject(page: Page, nodeId: string): Promise<void> {
  await page.locator(`[id="${nodeId}"] .red-ui-flow-node-button-button`).click();
}

/** Clicks _Deploy_ and resolves when the flows run. */
export async function clickDeploy(page: Page, { app }: RunningNodeRed): Promise<void> {
  const started = once(app.events, 'flows:started');
  await page.locator('#red-ui-header-button-deploy').click();
  await started;
  await page.locator('#red-ui-header-button-deploy.disabled').waitFor();
}
