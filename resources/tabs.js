// Tabs within a panel of the sidebar.

/**
 * Tabs as `{name, label, content}`; the first is shown. The arrow keys move between them. `id` begins the ids of their
 * elements; `onSelect` hears the name of the one that is shown, also of the first.
 */
export function createTabs(id, label, tabs, onSelect = () => {}) {
  const buttons = tabs.map(({ name, label }) =>
    $('<button type="button" role="tab" class="natshat-tab">')
      .attr({ id: `${id}-tab-${name}`, 'aria-controls': `${id}-pane-${name}`, title: label })
      .text(label),
  );
  const panes = tabs.map(({ name, content }) =>
    $('<div role="tabpanel" class="natshat-pane">')
      .attr({ id: `${id}-pane-${name}`, 'aria-labelledby': `${id}-tab-${name}` })
      .append(content),
  );
  const select = (chosen) => {
    buttons.forEach((button, index) => {
      button.attr({ 'aria-selected': index === chosen, tabindex: index === chosen ? 0 : -1 });
      panes[index].prop('hidden', index !== chosen);
    });
    onSelect(tabs[chosen].name);
  };
  buttons.forEach((button, index) => {
    button.on('click', () => select(index));
  });
  const list = $('<div role="tablist" class="natshat-tabs">').attr('aria-label', label).append(buttons);
  list.on('keydown', (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    const from = buttons.findIndex((button) => button[0] === event.target);
    if (!step || from < 0) return;
    event.preventDefault();
    event.stopPropagation();
    const to = (from + step + buttons.length) % buttons.length;
    select(to);
    buttons[to].trigger('focus');
  });
  select(0);
  return [list, ...panes];
}
