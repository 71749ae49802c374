// The joystick of the simulated HAT: five keys for mouse, touch and keyboard.

const KEYS = [
  { key: 'UP', code: 'ArrowUp', icon: 'fa-caret-up' },
  { key: 'LEFT', code: 'ArrowLeft', icon: 'fa-caret-left' },
  { key: 'ENTER', code: 'Enter', icon: 'fa-circle' },
  { key: 'RIGHT', code: 'ArrowRight', icon: 'fa-caret-right' },
  { key: 'DOWN', code: 'ArrowDown', icon: 'fa-caret-down' },
];

/** The joystick, as part of the simulator. The Tab key stops at it once; then the arrow keys and Enter push it. */
export function createStick(hat, text) {
  const stick = $('<div role="group" tabindex="0" class="sense-hat-stick">').attr({
    'aria-label': text('simulator.stick'),
    title: text('simulator.stick'),
  });
  const buttons = KEYS.map(({ key, icon }) =>
    $('<button type="button" tabindex="-1" class="sense-hat-key">')
      .attr({ 'aria-label': key, 'data-key': key })
      .append($('<i class="fa" aria-hidden="true">').addClass(icon)),
  );
  const show = () => {
    for (const button of buttons) button.toggleClass('sense-hat-held', button.attr('data-key') === hat.held);
  };
  const press = (key) => {
    hat.press(key);
    show();
  };
  const release = () => {
    hat.release();
    show();
  };

  for (const button of buttons) {
    const key = button.attr('data-key');
    button.on('pointerdown', ({ originalEvent: event }) => {
      if (event.button !== 0) return;
      button[0].setPointerCapture(event.pointerId);
      press(key);
    });
    button.on('lostpointercapture', () => hat.held === key && release());
    button.on('contextmenu', (event) => event.preventDefault());
    // A click without a pointer is that of a screen reader.
    button.on('click', ({ detail }) => {
      if (detail !== 0) return;
      press(key);
      release();
    });
  }
  const keyOf = ({ key: code }) => KEYS.find((candidate) => candidate.code === code)?.key;
  stick.on('keydown', (event) => {
    const key = keyOf(event);
    if (key === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    if (!event.originalEvent.repeat) press(key);
  });
  stick.on('keyup', (event) => hat.held !== undefined && hat.held === keyOf(event) && release());
  // Whoever looks elsewhere lets go: the key's release would go there.
  stick.on('focusout', ({ relatedTarget }) => !stick[0].contains(relatedTarget) && release());
  $(window).on('blur pagehide', release);
  $(document).on('visibilitychange', () => document.hidden && release());
  const caption = $('<div class="sense-hat-caption">').text(text('simulator.joystick'));
  return $('<div class="sense-hat-move">').append(stick.append(buttons), caption);
}
