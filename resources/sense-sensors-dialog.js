// The dialog of the sense-sensors node.
import { ask, onClick, showAnswer } from './ask.js';
import { isOpen, numberChecks, objectIn, openMore } from './dialogs.js';

const text = (key, values) => RED._(`@natshat/node-red/sense-sensors:${key}`, values);
const sharedText = (key, values) => RED._(`@natshat/node-red/sense-led:${key}`, values);

// The same names as in lib/sense-hat/sensors/changes.ts.
const QUANTITIES = [
  ...['temperature', 'humidity', 'pressure', 'temperatureRaw', 'dewPoint', 'pressureSeaLevel'],
  ...['acceleration', 'gyroscope', 'magnetometer', 'orientation', 'compass'],
  ...['red', 'green', 'blue', 'clear'],
];

const KINDS = ['environment', 'motion', 'colour'];

/** Says that nothing is measured, because a browser draws no mark around a checkbox. */
const showKinds = (node) => {
  const update = () => {
    const reason = window.senseSensors.checkKinds(node);
    $('#sense-sensors-none').text(reason === true ? '' : reason);
  };
  $(KINDS.map((kind) => `#node-input-${kind}`).join())
    .data('node', node.id)
    .on('change', update);
  update();
};

const showFitting = () => {
  const update = () => {
    const correction = $('#node-input-correction').val();
    for (const kind of ['cpu', 'offset']) $(`.sense-sensors-${kind}`).toggle(correction === kind);
    $('.sense-sensors-changes').toggle($('#node-input-onlyChanges').prop('checked'));
  };
  $('#node-input-correction, #node-input-onlyChanges').on('change', update);
  update();
};

/** Makes the button that computes the factor which gives the temperature of the room; see nodes/sense-hat/room.ts. */
const editFactor = ({ id }) => {
  const result = $('#sense-sensors-result');
  onClick($('#sense-sensors-compute'), () => {
    result.text(text('room.measuring'));
    const room = $('#sense-sensors-room').val().replace(',', '.');
    const reasons = { forbidden: text('room.forbidden'), unanswered: sharedText('common.unanswered') };
    const answer = ask('sense-sensors/room', { id, room, device: $('#node-input-device').val() }, reasons);
    return showAnswer(result, answer, ({ factor, measured, cpu }) => {
      $('#node-input-correctionFactor').val(factor).trigger('change');
      return text('room.computed', { measured: measured.toFixed(1), cpu: cpu.toFixed(1) });
    });
  });
};

window.senseSensors = {
  ...numberChecks(sharedText),

  /** True, or why a device is invalid. */
  checkDevice(value) {
    const isDevice = ['simulator', 'emulator'].includes(value?.trim()) || value?.trim().startsWith('/');
    return isOpen(value) || isDevice || text('invalid.device');
  },

  /** True, or why a node would measure nothing. While its dialog is open, the fields count. */
  checkKinds(node) {
    const isOn = (kind) => {
      const field = $(`#node-input-${kind}`);
      if (field.data('node') === node.id) return field.prop('checked');
      return node[kind] ?? kind === 'environment';
    };
    return KINDS.some(isOn) || text('invalid.kinds');
  },

  /** True, or why thresholds are invalid. */
  checkThresholds(value) {
    if (isOpen(value)) return true;
    const thresholds = objectIn(value);
    if (!thresholds) return text('invalid.thresholds');
    const unknown = Object.keys(thresholds).find((name) => !QUANTITIES.includes(name));
    if (unknown !== undefined) return text('invalid.quantity', { name: unknown, names: QUANTITIES.join(', ') });
    const areNumbers = Object.values(thresholds).every((least) => typeof least === 'number' && least >= 0);
    return areNumbers || text('invalid.thresholds');
  },

  /** Prepares the dialog. */
  edit(node) {
    openMore(node, $('.sense-sensors-more'));
    showKinds(node);
    showFitting();
    editFactor(node);
  },
};
