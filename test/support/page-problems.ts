import type { Page } from 'playwright-core';

/** Node-RED's palette fetches a catalogue from the internet, which a test machine may not reach. */
const CATALOGUE = 'catalogue.nodered.org';

/** Collects the warnings and errors of a page, and its requests to other machines. */
export function problemsOf(page: Page): string[] {
  const problems: string[] = [];
  page.on('console', (message) => {
    const text = `${message.text()} ${message.location().url}`;
    if (['warning', 'error'].includes(message.type()) && !text.includes(CATALOGUE)) problems.push(text);
  });
  page.on('pageerror', (error) => problems.push(String(error)));
  page.on('request', (request) => {
    const { protocol, hostname } = new URL(request.url());
    const isLocal = !protocol.startsWith('http') || ['127.0.0.1', CATALOGUE].includes(hostname);
    if (!isLocal) problems.push(request.url());
  });
  return problems;
}
