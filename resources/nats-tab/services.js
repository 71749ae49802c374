// The view of services: their instances, and what their endpoints have done.
import { ask, Polling, text } from './ask.js';
import { number } from './elements.js';

const PERIOD_MS = 3000;

function endpointLines({ name, subject, requests, errors, averageMs, lastError }) {
  const values = { name, subject, requests: number(requests), errors: number(errors), ms: number(averageMs) };
  const lines = [text('panel.endpoint', values)];
  if (lastError) lines.push(text('panel.lastError', { error: lastError }));
  return lines;
}

function serviceRow({ name, id, version, endpoints }) {
  const head = $('<div>').append(
    $('<strong>').text(`${name} ${version}`),
    ' ',
    $('<span class="nats-tab-note">').text(id),
  );
  return $('<li>').append(head, $('<div class="nats-tab-lines">').text(endpoints.flatMap(endpointLines).join('\n')));
}

/** The view. */
export function createServices(servers) {
  const list = $('<ul class="nats-tab-list">');
  const note = $('<p class="nats-tab-none" role="status">');
  const polling = new Polling(async (isCurrent) => {
    try {
      const { services } = await ask('services', { server: servers.chosen });
      if (!isCurrent()) return;
      list.html(services.map(serviceRow));
      note.text(services.length > 0 ? '' : text('panel.noService'));
    } catch ({ message }) {
      if (isCurrent()) note.text(`✗ ${message}`);
    }
  }, PERIOD_MS);
  servers.addEventListener('chosen', () => {
    list.empty();
    polling.hurry();
  });
  return {
    content: [list, note],
    setSeen: (isSeen) => polling.toggle(isSeen),
  };
}
