// The Sense HAT tab of the sidebar: all displays, enlarged, and a painter.
import { describe, nameOf, showingOf } from './displays.js';
import { Matrix } from './matrix.js';
import { createPainter } from './painter.js';

const PROJECTOR = 'resources/@natshat/node-red/projector.html';

/** One display: its name, a link to its page, the matrix, and its state. */
function createCard(display, text) {
  const matrix = new Matrix('svg');
  const name = $('<strong>').text(nameOf(display, text));
  const link = $('<a target="_blank" rel="noopener" class="red-ui-button red-ui-button-small sense-hat-project">')
    .attr({ href: `${PROJECTOR}#${display.key}`, title: text('panel.project'), 'aria-label': text('panel.project') })
    .append('<i class="fa fa-external-link" aria-hidden="true">');
  const showing = $('<div class="sense-hat-showing">');
  const queued = $('<div class="sense-hat-queued">');
  const element = $('<section class="sense-hat-display">')
    .attr('data-display', display.key)
    .append($('<header>').append(name, link), matrix.element, showing, queued);
  const updateState = () => {
    matrix.label = describe(display, text);
    showing.text(`${text('panel.shows')}: ${showingOf(display, text)}`);
    queued.text(`${text('panel.queued')}: ${display.queued}`);
  };
  const paint = () => matrix.paint(display.colors);
  updateState();
  paint();
  return { element, updateState, paint };
}

/** The content of the tab. */
export function createPanel(displays, text) {
  const cards = new Map();
  const none = $('<p class="sense-hat-none">').text(text('panel.none'));
  const list = $('<div class="sense-hat-displays">').append(none);

  function onState({ detail: display }) {
    if (cards.has(display)) return cards.get(display).updateState();
    const card = createCard(display, text);
    cards.set(display, card);
    list.append(card.element);
    none.toggle(false);
  }
  displays.addEventListener('state', onState);
  displays.addEventListener('frame', ({ detail: display }) => cards.get(display)?.paint());
  displays.addEventListener('gone', ({ detail: display }) => {
    cards.get(display)?.element.remove();
    cards.delete(display);
    none.toggle(cards.size === 0);
  });
  for (const display of displays.all) onState({ detail: display });
  return $('<div class="sense-hat-panel">').append(list, createPainter(displays, text));
}
