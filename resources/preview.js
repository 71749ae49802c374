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
  /** The matrices in view, by the node's id: only these are painted. */
  let inView = new Map();
  let isLooking = false;
  const chart = document.getElementById('red-ui-workspace-chart');

  const matrixOf = (id) => matrices.get(document.getElementById(id));

  /** Draws a display in full, because the node may have used another one before. */
  function show(matrix, display) {
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
      inView.set(id, matrix);
      if (before.get(id) !== matrix) show(matrix, display);
    }
    displays.watch('previews', near);
  }

  function redraw(id) {
    const node = RED.nodes.node(id);
    if (!node) return;
    node.dirty = true;
    RED.view.redraw();
  }

  /** Updates the nodes of a display, and redraws those that were added or removed. */
  function setNodes(display, nodes) {
    const before = [...displayOf.keys()].filter((id) => displayOf.get(id) === display);
    for (const id of before) displayOf.delete(id);
    for (const id of nodes) displayOf.set(id, display);
    for (const id of before) if (!displayOf.has(id)) redraw(id);
    for (const id of nodes) if (!before.includes(id)) redraw(id);
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
    for (const id of display.nodes) if (inView.has(id)) show(inView.get(id), display);
  });
  displays.addEventListener('frame', ({ detail: display }) => {
    for (const id of display.nodes) inView.get(id)?.paint(display.colors);
  });
  displays.addEventListener('gone', ({ detail: display }) => setNodes(display, []));
  RED.hooks.add('viewRedrawNode.sense-led', onRedrawNode);
  RED.hooks.add('viewRemoveNode.sense-led', lookSoon);
  chart.addEventListener('scroll', lookSoon);
  const resizes = new ResizeObserver(lookSoon);
  // The drawing in the chart grows and shrinks with the zoom.
  for (const element of [chart, chart.querySelector('svg')]) resizes.observe(element);
}
