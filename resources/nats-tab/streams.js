// The view of streams: what they have, who consumes it, and one message of them.
import { ask, Polling, text } from './ask.js';
import { bytes, confirm, iconButton, number, resultLine, row } from './elements.js';
import { createMessageLook } from './message-look.js';

const PERIOD_MS = 2000;

/** One stream in the list: its summary, and what is asked for once it is open. */
function createStream(servers, name, refresh) {
  const summary = $('<summary>');
  const facts = $('<div class="nats-tab-lines nats-tab-note">');
  const consumers = $('<ul class="nats-tab-list">');
  const result = resultLine();
  const look = createMessageLook(servers, name);
  let listed;

  async function change(question, fields, asked, yes) {
    if (!(await confirm(asked, yes))) return;
    try {
      await ask(question, { server: servers.chosen, stream: name, ...fields });
      result.text(`✓ ${text('panel.done')}`);
      refresh();
    } catch ({ message }) {
      result.text(`✗ ${message}`);
    }
  }

  const purge = iconButton(
    'fa-trash',
    text('panel.purge'),
    () => {
      const asked = text('panel.confirm.purge', { stream: name, messages: number(listed.messages) });
      return change('purge', {}, asked, text('panel.purge'));
    },
    true,
  );
  const body = $('<div class="nats-tab-box">').append(facts, consumers, look.element, row(purge), result);
  const element = $('<details>').append(summary, body).on('toggle', refresh);

  function consumerRow({ name: consumer, pending, unacknowledged }) {
    const remove = iconButton('fa-trash', text('panel.deleteConsumer', { consumer }), () => {
      const asked = text('panel.confirm.deleteConsumer', { consumer, stream: name });
      return change('delete-consumer', { consumer }, asked, text('panel.delete'));
    });
    const values = { name: consumer, pending: number(pending), unacknowledged: number(unacknowledged) };
    return $('<li>').append(row($('<span class="nats-tab-subject">').text(text('look.consumer', values)), remove));
  }

  return {
    element,
    update(stream) {
      listed = stream;
      const { messages, bytes: size, subjects, oldest, firstSequence, lastSequence } = stream;
      const counts = text('panel.stored', { messages: number(messages), bytes: bytes(size) });
      summary.html([$('<strong>').text(name), ' ', $('<span class="nats-tab-note">').text(counts)]);
      const lines = [text('look.subjects', { subjects: subjects.join(', ') })];
      if (oldest) lines.push(text('look.oldest', { time: new Date(oldest).toLocaleString() }));
      facts.text(lines.join('\n'));
      look.setRange(firstSequence, lastSequence);
    },
    /** Asks for its consumers, if it is open. */
    async refresh(isCurrent) {
      if (!element.prop('open')) return;
      const report = await ask('stream', { server: servers.chosen, stream: name });
      // Rebuilt only if it has changed, so that a button keeps the focus.
      const shown = JSON.stringify(report.consumers);
      if (!isCurrent() || shown === consumers.data('shown')) return;
      consumers.data('shown', shown).html(report.consumers.map(consumerRow));
      const more = report.consumerCount - report.consumers.length;
      if (more > 0) consumers.append($('<li>').text(text('look.more', { consumers: number(more) })));
      if (report.consumerCount === 0) consumers.append($('<li>').text(text('look.noConsumers')));
    },
  };
}

/** The view. */
export function createStreams(servers) {
  const list = $('<div>');
  const note = $('<p class="nats-tab-none">').attr('role', 'status');
  const streams = new Map();
  const polling = new Polling(async (isCurrent) => {
    try {
      const { streams: found, total } = await ask('streams', { server: servers.chosen });
      if (!isCurrent()) return;
      show(found);
      const more = total - found.length;
      note.text(
        more > 0
          ? text('panel.moreStreams', { streams: number(more) })
          : found.length > 0
            ? ''
            : text('panel.noStream'),
      );
      for (const stream of streams.values()) await stream.refresh(isCurrent);
    } catch ({ message }) {
      if (isCurrent()) note.text(`✗ ${message}`);
    }
  }, PERIOD_MS);
  const refresh = () => polling.hurry();

  function show(found) {
    const names = new Set(found.map(({ name }) => name));
    for (const [name, { element }] of streams) {
      if (names.has(name)) continue;
      element.remove();
      streams.delete(name);
    }
    found.forEach((stream, index) => {
      const known = streams.get(stream.name) ?? createStream(servers, stream.name, refresh);
      streams.set(stream.name, known);
      known.update(stream);
      if (list.children()[index] !== known.element[0]) list.children().eq(index).before(known.element);
      if (!known.element.parent().length) list.append(known.element);
    });
  }

  servers.addEventListener('chosen', () => {
    show([]);
    refresh();
  });
  return {
    content: [list, note],
    setSeen: (isSeen) => polling.toggle(isSeen),
  };
}
