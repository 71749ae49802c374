// The view of key-value buckets: keys and values, as they change.
import { ask, Polling, text } from './ask.js';
import { confirm, field, formChoice, iconButton, payloadOf, resultLine, row } from './elements.js';

const PERIOD_MS = 1000;

/** The view; it watches a bucket only while it is seen. */
export function createBuckets(servers) {
  const choice = $('<select class="nats-tab-choice">').attr('aria-label', text('common.bucket'));
  const filter = field(text('panel.keys'), '>');
  const form = formChoice();
  const list = $('<ul class="nats-tab-list">');
  const note = $('<p class="nats-tab-none" role="status">');
  const key = field(text('panel.key'));
  const value = field(text('panel.value'));
  const result = resultLine();
  const rows = new Map();
  const look = { isSeen: false, id: undefined, since: 0, server: undefined };
  const polling = new Polling(read, PERIOD_MS);

  async function change(question, fields, asked, yes) {
    if (!(await confirm(asked, yes))) return;
    try {
      await ask(question, { server: servers.chosen, bucket: choice.val(), ...fields });
      result.text(`✓ ${text('panel.done')}`);
    } catch ({ message }) {
      result.text(`✗ ${message}`);
    }
  }

  function show(entry) {
    rows.get(entry.key)?.remove();
    rows.delete(entry.key);
    if (!entry.value) return;
    const edit = iconButton('fa-pencil', text('panel.edit', { key: entry.key }), () => {
      key.val(entry.key);
      value.val(entry.value.isCut ? '' : entry.value.text).trigger('focus');
    });
    const remove = iconButton('fa-trash', text('panel.deleteKey', { key: entry.key }), () => {
      const asked = text('panel.confirm.deleteKey', { key: entry.key, bucket: choice.val() });
      return change('delete', { key: entry.key }, asked, text('panel.delete'));
    });
    const head = row($('<span class="nats-tab-subject">').text(entry.key), edit, remove);
    const element = $('<li>').append(head, payloadOf(entry.value)).attr('title', new Date(entry.time).toLocaleString());
    rows.set(entry.key, element);
    // By their keys, so that a change moves nothing.
    const next = [...rows.keys()].sort()[[...rows.keys()].sort().indexOf(entry.key) + 1];
    if (next === undefined) list.append(element);
    else rows.get(next).before(element);
  }

  async function read(isCurrent) {
    try {
      if (look.id === undefined) await offer(isCurrent);
      if (!isCurrent() || !choice.val()) return;
      const question =
        look.id === undefined
          ? { bucket: choice.val(), keys: filter.val().trim(), form: form.val() }
          : { look: look.id, since: look.since };
      const report = await ask('bucket', { server: look.server, ...question });
      if (!isCurrent()) return void leave(report.look);
      look.id = report.look;
      look.since = report.version;
      for (const entry of report.keys) show(entry);
      const none = report.isComplete && rows.size === 0 ? text('panel.noKey') : '';
      note.text(report.trouble ? `✗ ${report.trouble}` : report.isFull ? text('panel.moreKeys') : none);
    } catch ({ message, code }) {
      if (!isCurrent()) return;
      note.text(`✗ ${message}`);
      // It begins anew when it is seen again, or with the next question.
      if (code === 'NO_LOOK') forget();
    }
  }

  /** Offers the buckets that there are. */
  async function offer(isCurrent) {
    const { buckets } = await ask('buckets', { server: look.server });
    if (!isCurrent()) return;
    const chosen = choice.val();
    choice.html(buckets.map(({ bucket }) => $('<option>').val(bucket).text(bucket)));
    if (buckets.some(({ bucket }) => bucket === chosen)) choice.val(chosen);
    if (buckets.length === 0) note.text(text('panel.noBucket'));
  }

  function leave(id) {
    if (id !== undefined) ask('bucket', { server: look.server, look: id, stop: true }).catch(() => {});
  }

  function forget() {
    Object.assign(look, { id: undefined, since: 0 });
    rows.clear();
    list.empty();
  }

  function halt() {
    polling.stop();
    leave(look.id);
    forget();
  }

  function start() {
    halt();
    note.text('');
    look.server = servers.chosen;
    if (look.isSeen) polling.start();
  }

  choice.on('change', start);
  form.on('change', start);
  filter.on('change', start);
  servers.addEventListener('chosen', start);
  const put = iconButton(
    'fa-save',
    text('panel.put'),
    () => {
      const asked = text('panel.confirm.put', { key: key.val(), bucket: choice.val() });
      return change('put', { key: key.val().trim(), value: value.val() }, asked, text('panel.put'));
    },
    true,
  );
  return {
    content: [row(choice, filter, form), list, note, row(key, value, put), result],
    setSeen(isSeen) {
      look.isSeen = isSeen;
      if (isSeen) start();
      else halt();
    },
  };
}
