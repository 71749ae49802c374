// The dialog of the sense-led node.
import { isCount, isOpen, numberChecks } from './dialogs.js';

const text = (key, values) => RED._(`@natshat/node-red/sense-led:${key}`, values);

const TABS = ['text', 'picture', 'device'];

const SIDE = '(8|16|24|32|40|48|56|64)';
const CANVAS = new RegExp(`^\\s*${SIDE}\\s*x\\s*${SIDE}\\s*$`, 'i');
const sides = (canvas) => (CANVAS.exec(canvas) ?? []).slice(1);

/** The node whose dialog is open: its canvas stands in the field. */
let edited;

/** Joins each colour field with the colour picker beside it. */
function editColors() {
  const canvas = document.createElement('canvas').getContext('2d');
  const toHex = (color) => {
    canvas.fillStyle = '#000000';
    canvas.fillStyle = color;
    return canvas.fillStyle;
  };
  $('.sense-led-color').each(function () {
    const field = $(`#${$(this).data('for')}`);
    field.on('change', () => $(this).val(toHex(field.val()))).trigger('change');
    $(this).on('input', () => field.val($(this).val()).trigger('change'));
  });
}

window.senseLed = {
  ...numberChecks(text),

  /** True, or why a colour is invalid. */
  checkColor: (value) =>
    isOpen(value) || /^(amber|off|warmwhite)$/i.test(value) || CSS.supports('color', value) || text('invalid.color'),

  /** True, or why the size of a wall is invalid. */
  checkCanvas: (value) => isOpen(value) || sides(value).length > 0 || text('invalid.canvas'),

  /** True, or why the column (side 0) or the row (side 1) of the tile is invalid. */
  checkTile(node, side, value) {
    const canvas = (node === edited ? $('#node-input-canvas').val() : node.canvas) ?? '';
    // Of a variable only the largest value is known.
    const tiles = Number(sides(canvas)[side] ?? (canvas.trim() === '' ? 8 : 64)) / 8;
    return isOpen(value) || isCount(value, 0, tiles - 1) || text('invalid.tile', { max: tiles - 1 });
  },

  /** Fills the dialog of a node. */
  edit(node) {
    edited = node;
    const tabs = RED.tabs.create({
      id: 'sense-led-tabs',
      onchange: ({ id }) => $('#sense-led-tabs-content').children().hide().filter(`#${id}`).show(),
    });
    for (const name of TABS) tabs.addTab({ id: `sense-led-tab-${name}`, label: text(`tab.${name}`) });
    setTimeout(() => tabs.resize(), 0);
    $('#node-input-canvas').on('change', () => $('#node-input-tileX, #node-input-tileY').trigger('change'));
    editColors();
  },

  endEdit() {
    edited = undefined;
  },
};
