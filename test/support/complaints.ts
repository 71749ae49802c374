import type { Page } from 'playwright-core';

/** Node-RED's own palette asks the internet for a catalogue, which is not there for everybody. */
const CATALOGUE = 'catalogue.nodered.org';

/** What a page warns of from now on, errors included, and what it asks of other machines. */
export function complaintsOf(page: Page): string[] {
  const complaints: string[] = [];
  page.on('console', (message) => {
    const text = `${message.text()} ${message.location().url}`;
    if (['warning', 'error'].includes(message.type()) && !text.includes(CATALOGUE)) complaints.push(text);
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('request', (request) => {
    const { protocol, hostname } = new URL(request.url());
    const isLocal = !protocol.startsWith('http') || ['127.0.0.1', CATALOGUE].includes(hostname);
    if (!isLocal) complaints.push(request.url());
  });
  return complaints;
}
