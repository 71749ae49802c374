// Draws a display below each of its sense-led nodes in the workspace.
import { describe } from './displays.js';
import { Matrix, SIZE } from './matrix.js';
import { overlap } from './sight.js';

// Leaves room for the status text.
const GAP = 22;
// How far outside the view the colours are kept up to date, so that they are right when they are scrolled into it.
const NEAR = 200;

export function startPreview(displays, text) {
  /** The display of each node, by the node's id. */
  const displayOf = new Map();
  /** The matrix below each drawn node, by the node's element. */
  const matrices = new WeakMap();
  /** The matrices in view with their displays, by the node's id: only these are painted. */
  let inView = new Map();
  let isLooking = false;
  const chart = document.getElementById('red-ui-workspace-chart');

  const matrixOf = (id) => matrices.get(document.getElementById(id));

  /** Draws a display in full, because the node may have used another one before. */
  function show({ matrix, display }) {
    matrix.label = describe(display, text);
    matrix.paint(display.colors);
  }

  /** Looks with the next animation frame which previews are in view, and shows those that were not before. */
  function lookSoon() {
    if (isLooking) return;
    isLooking = true;
    requestAnimationFrame(() => {
      isLooking = false;
      look();
    });
  }

  function look() {
    const view = chart.getBoundingClientRect();
    const before = inView;
    inView = new Map();
    const near = [];
    for (const [id, display] of displayOf) {
      const matrix = matrixOf(id);
      const box = matrix?.element.getBoundingClientRect();
      if (!box || !overlap(box, view, NEAR)) continue;
      near.push(display);
      if (!overlap(box, view)) continue;
      const { matrix: matrixBefore, display: displayBefore } = before.get(id) ?? {};
      inView.set(id, { matrix, display });
      if (matrixBefore !== matrix || displayBefore !== display) show({ matrix, display });
    }
    displays.watch('previews', near);
  }

  function redraw(id) {
    const node = RED.nodes.node(id);
    if (!node) return;
    node.dirty = true;
    RED.view.redraw();
  }

  /**
   * Updates the nodes of a display, and redraws those that were added or removed. The node of a subflow's template may
   * have a display in each instance: it shows the same one until that is gone.
   */
  function setNodes(display, nodes) {
    for (const [id, shown] of [...displayOf]) {
      if (shown !== display || nodes.includes(id)) continue;
      const other = displays.all.find((candidate) => candidate !== display && candidate.nodes.includes(id));
      if (other) displayOf.set(id, other);
      else displayOf.delete(id);
      redraw(id);
    }
    for (const id of nodes) {
      if (displayOf.has(id)) continue;
      displayOf.set(id, display);
      redraw(id);
    }
  }

  /** Calls `draw` with each matrix in view that shows a display. */
  function withMatrices(display, draw) {
    for (const id of display.nodes) {
      const seen = inView.get(id);
      if (seen?.display === display) draw(seen);
    }
  }

  /** Adds, places or removes the matrix of a node that the workspace redraws. */
  function onRedrawNode({ node, el }) {
    if (node.type !== 'sense-led') return;
    lookSoon();
    const display = displayOf.get(node.id);
    if (!display || node.preview === false) {
      matrices.get(el)?.element.remove();
      matrices.delete(el);
      return;
    }
    if (!matrices.has(el)) {
      const matrix = new Matrix('g');
      matrix.element.setAttribute('class', 'sense-led-preview');
      matrix.element.style.pointerEvents = 'none';
      matrices.set(el, matrix);
      el.append(matrix.element);
    }
    matrices.get(el).element.setAttribute('transform', `translate(${(node.w - SIZE) / 2} ${node.h + GAP})`);
  }

  displays.addEventListener('state', ({ detail: display }) => {
    setNodes(display, display.nodes);
    withMatrices(display, show);
  });
  displays.addEventListener('frame', ({ detail: display }) => {
    withMatrices(display, ({ matrix }) => matrix.paint(display.colors));
  });
  displays.addEventListener('gone', ({ detail: display }) => setNodes(display, []));
  RED.hooks.add('viewRedrawNode.sense-led', onRedrawNode);
  RED.hooks.add('viewRemoveNode.sense-led', lookSoon);
  chart.addEventListener('scroll', lookSoon);
  const resizes = new ResizeObserver(lookSoon);
  // The drawing in the chart grows and shrinks with the zoom.
  for (const element of [chart, chart.querySelector('svg')]) resizes.observe(element);
}
