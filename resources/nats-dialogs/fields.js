// Makes the fields of the dialogs say what their values mean, and shows only those that matter.
import { openMore, prefixOf } from '../dialogs.js';
import { text } from './text.js';

/** Fields of subjects, without the prefix of their kind of dialog. */
const SUBJECTS = ['subject', 'subjects'];

const NONE = () => ({ value: 'none', label: text('common.none'), hasValue: false });

/** A subject that is written like a topic of MQTT, as NATS has it; undefined for any other. */
function fromMqtt(subject) {
  if (!/[/+#]/.test(subject) || subject.includes('${')) return undefined;
  const tokens = subject.replace(/^\/|\/$/g, '').split(/[/.]/);
  return tokens.map((token) => ({ '+': '*', '#': '>' })[token] ?? token).join('.');
}

/** Says below a field of subjects how NATS writes a topic of MQTT; such a subject may be meant as it is. */
function editSubject(field) {
  const hint = $('<div class="nats-hint" role="status">')
    .css({ margin: '4px 0 0 104px', color: 'var(--red-ui-secondary-text-color)' })
    .hide();
  field.closest('.form-row').append(hint);
  field
    .on('input change', () => {
      const subject = fromMqtt(field.val());
      hint.text(subject === undefined ? '' : text('hint.mqtt', { subject })).toggle(subject !== undefined);
    })
    .trigger('change');
}

/** Empties the fields where 0 means no limit, so that their placeholder says so: empty means 0 as well. */
function editLimits() {
  $('.nats-limit').each(function () {
    if ($(this).val() === '0') $(this).val('');
  });
}

/** Makes the fields for subjects and limits say what their values mean. */
export function editFields(node) {
  for (const name of SUBJECTS) {
    const field = $(`#${prefixOf(node)}-${name}`);
    if (field.length > 0) editSubject(field);
  }
  editLimits();
}

/** Opens the part with more fields if one of them is not as in a new node. */
export const editMore = (node) => openMore(node, $('.nats-more'));

/** Makes the headers field: none, a message property, or JSON. */
export function editHeaders() {
  $('#node-input-headers').typedInput({ types: [NONE(), 'msg', 'json'], typeField: '#node-input-headersType' });
}

/** Makes the reply subject field: none, a string, or a message property. */
export function editReply() {
  $('#node-input-reply').typedInput({ types: [NONE(), 'str', 'msg'], typeField: '#node-input-replyType' });
}

/** Calls back with the value of a field, now and after each change. */
function follow(name, onValue) {
  const field = $(`#node-input-${name}`);
  field.on('change', () => onValue(field.val())).trigger('change');
}

/** Shows the field for the age of held messages only if messages are held. */
export const editWhenDown = () => follow('whenDown', (whenDown) => $('.nats-hold').toggle(whenDown === 'hold'));

/** Shows the field for the time of a batch only if there are batches. */
export const editBatch = () => follow('batch', (batch) => $('.nats-batch').toggle(Number(batch) !== 0));

/** Shows the fields for the chosen mode of a subscribing node. */
export const editMode = () =>
  follow('mode', (mode) => {
    $('.nats-static').toggle(mode !== 'dynamic');
    $('#node-input-inputs').val(mode === 'dynamic' ? 1 : 0);
  });

/** Shows the fields of a consuming node that matter for where it starts and how messages are acknowledged. */
export function editConsuming() {
  follow('start', (start) => $('.nats-since').toggle(start === 'since'));
  follow('ack', (ack) => {
    $('.nats-acknowledged').toggle(ack !== 'none');
    $('.nats-explicit').toggle(ack === 'explicit');
  });
}

/** Shows the fields of a nats-kv that matter for its action. */
export function editKv() {
  const update = () => {
    const action = $('#node-input-action').val();
    const mayMake = ['put', 'create', 'update', 'msg'].includes(action);
    $('#node-input-output').closest('.form-row').toggle(['get', 'history', 'msg'].includes(action));
    $('#node-input-create').closest('.form-row').toggle(mayMake);
    // What is only written waits for the server as long as it takes.
    $('#node-input-timeoutMs').closest('.form-row').toggle(!['put', 'delete', 'purge'].includes(action));
    $('.nats-made').toggle(mayMake && $('#node-input-create').prop('checked'));
  };
  $('#node-input-action, #node-input-create').on('change', update);
  update();
}
