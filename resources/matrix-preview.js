// Draws what a display shows under each of its sense-led nodes in the workspace.
// The runtime sends {nodes, frame, at} on sense-led/*; see nodes/shared/preview.ts.
(() => {
  const SIDE = 8;
  const CELL = 9;
  const PADDING = 4;
  const SIZE = SIDE * CELL + 2 * PADDING;
  const SVG = 'http://www.w3.org/2000/svg';

  // Frames arrive in bursts (the editor's connection gathers for 50 ms), so each is drawn a little later, at its time.
  const DELAY_MS = 110;
  // After such a pause the clocks of runtime and browser are compared anew.
  const PAUSE_MS = 2000;

  /** The displays by topic: the nodes that show one, the frames to come, and the last frame drawn. */
  const displays = new Map();

  /** The colours of a frame: 64 pixels of RGB565, little-endian, as Base64. */
  function decodeFrame(base64) {
    const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
    const view = new DataView(bytes.buffer);
    return Array.from({ length: SIDE * SIDE }, (_, index) => {
      const pixel = view.getUint16(2 * index, true);
      const red = (pixel >> 11) << 3;
      const green = ((pixel >> 5) & 0x3f) << 2;
      const blue = (pixel & 0x1f) << 3;
      return `rgb(${red | (red >> 5)}, ${green | (green >> 6)}, ${blue | (blue >> 5)})`;
    });
  }

  function onMessage(topic, { nodes, frame, at }) {
    const display = displays.get(topic) ?? { nodes: [], queue: [], colors: [], lastAt: Number.NEGATIVE_INFINITY };
    displays.set(topic, display);
    const gone = display.nodes.filter((id) => !nodes.includes(id));
    const come = nodes.filter((id) => !display.nodes.includes(id));
    display.nodes = nodes;
    for (const id of gone) redraw(id);
    if (frame === undefined) {
      displays.delete(topic);
      return;
    }
    const now = performance.now();
    if (at < display.lastAt || at - display.lastAt > PAUSE_MS) display.offset = now + DELAY_MS - at;
    display.lastAt = at;
    if (display.queue.length === 0) requestAnimationFrame(() => play(display));
    display.queue.push({ dueAt: Math.max(at + display.offset, now), colors: decodeFrame(frame) });
    for (const id of come) redraw(id);
  }

  function play(display) {
    const now = performance.now();
    while (display.queue.length > 0 && display.queue[0].dueAt <= now) {
      display.colors = display.queue.shift().colors;
      for (const id of display.nodes) paint(id, display);
    }
    if (display.queue.length > 0) requestAnimationFrame(() => play(display));
  }

  function displayOf(id) {
    return [...displays.values()].find((display) => display.nodes.includes(id));
  }

  function redraw(id) {
    const node = RED.nodes.node(id);
    if (!node) return;
    node.dirty = true;
    RED.view.redraw();
  }

  function paint(id, display) {
    const leds = document.getElementById(id)?.querySelectorAll('.sense-led-preview circle');
    leds?.forEach((led, index) => {
      led.setAttribute('fill', display.colors[index] ?? '#000');
    });
  }

  function createMatrix() {
    const matrix = document.createElementNS(SVG, 'g');
    matrix.setAttribute('class', 'sense-led-preview');
    matrix.style.pointerEvents = 'none';
    const board = document.createElementNS(SVG, 'rect');
    for (const [name, value] of Object.entries({ width: SIZE, height: SIZE, rx: 5, fill: '#16181b' })) {
      board.setAttribute(name, value);
    }
    matrix.append(board);
    for (let index = 0; index < SIDE * SIDE; index++) {
      const led = document.createElementNS(SVG, 'circle');
      led.setAttribute('cx', PADDING + CELL * (index % SIDE) + CELL / 2);
      led.setAttribute('cy', PADDING + CELL * Math.floor(index / SIDE) + CELL / 2);
      led.setAttribute('r', CELL / 2 - 0.75);
      // The editor outlines circles.
      led.style.stroke = 'none';
      matrix.append(led);
    }
    return matrix;
  }

  /** Keeps the matrix of one node in the workspace as it should be: there or not, and below the node. */
  function onRedrawNode({ node, el }) {
    if (node.type !== 'sense-led') return;
    const display = displayOf(node.id);
    let matrix = el.querySelector('.sense-led-preview');
    if (!display || node.preview === false) {
      matrix?.remove();
      return;
    }
    if (!matrix) {
      matrix = createMatrix();
      el.append(matrix);
      paint(node.id, display);
    }
    // Below the status text.
    matrix.setAttribute('transform', `translate(${(node.w - SIZE) / 2} ${node.h + 22})`);
  }

  RED.hooks.add('viewRedrawNode.sense-led', onRedrawNode);
  RED.comms.subscribe('sense-led/#', onMessage);
})();
