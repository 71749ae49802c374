// The Sense HAT tab of the sidebar: all displays, enlarged, a painter, and a simulator.
import { describe, nameOf, showingOf } from './displays.js';
import { Matrix } from './matrix.js';
import { createPainter } from './painter.js';
import { onSight } from './sight.js';
import { createSimulator } from './simulator.js';
import { createTabs } from './tabs.js';

const PROJECTOR = 'resources/@natshat/node-red/projector.html';

/** One display: its name, a link to its page, the matrix, and its state. `tell` hears whether it is in view. */
function createCard(display, text, tell) {
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
  let isSeen = false;
  const paint = () => {
    if (isSeen) matrix.paint(display.colors);
  };
  const updateState = () => {
    if (isSeen) matrix.label = describe(display, text);
    showing.text(`${text('panel.shows')}: ${showingOf(display, text)}`);
    queued.text(`${text('panel.queued')}: ${display.queued}`);
  };
  updateState();
  const stop = onSight(element[0], (sight) => {
    isSeen = sight;
    paint();
    updateState();
    tell(isSeen);
  });
  const remove = () => {
    stop();
    element.remove();
  };
  return { element, updateState, paint, remove };
}

/** All displays. */
function createDisplays(displays, text) {
  const cards = new Map();
  /** The displays in view. */
  const seen = new Set();
  const none = $('<p class="sense-hat-none">').text(text('panel.none'));
  const list = $('<div class="sense-hat-displays">').append(none);

  function onState({ detail: display }) {
    if (cards.has(display)) return cards.get(display).updateState();
    const card = createCard(display, text, (isSeen) => {
      if (isSeen) seen.add(display);
      else seen.delete(display);
      displays.watch('panel', [...seen]);
    });
    cards.set(display, card);
    list.append(card.element);
    none.toggle(false);
  }
  displays.addEventListener('state', onState);
  displays.addEventListener('frame', ({ detail: display }) => cards.get(display)?.paint());
  displays.addEventListener('gone', ({ detail: display }) => {
    cards.get(display)?.remove();
    cards.delete(display);
    seen.delete(display);
    none.toggle(cards.size === 0);
  });
  for (const display of displays.all) onState({ detail: display });
  return list;
}

/** The content of the tab. */
export function createPanel(displays, hat, text) {
  const tabs = [
    { name: 'display', label: text('panel.display'), content: createDisplays(displays, text) },
    { name: 'paint', label: text('painter.title'), content: createPainter(displays, text) },
    { name: 'simulate', label: text('simulator.title'), content: createSimulator(hat, text) },
  ];
  return $('<div class="natshat-panel sense-hat-panel">').append(createTabs('sense-hat', text('panel.hat'), tabs));
}
