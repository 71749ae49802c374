// Draws a display below each of its sense-led nodes in the workspace.
import { describe } from './displays.js';
import { Matrix, SIZE } from './matrix.js';

// Leaves room for the status text.
const GAP = 22;

export function startPreview(displays, text) {
  /** The display of each node, by the node's id. */
  const displayOf = new Map();
  /** The matrix below each drawn node, by the node's element. */
  const matrices = new WeakMap();

  const matrixOf = (id) => matrices.get(document.getElementById(id));

  /** Draws a display in full, because the node may have used another one before. */
  function show(matrix, display) {
    matrix.label = describe(display, text);
    matrix.paint(display.colors);
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
      show(matrix, display);
      matrices.set(el, matrix);
      el.append(matrix.element);
    }
    matrices.get(el).element.setAttribute('transform', `translate(${(node.w - SIZE) / 2} ${node.h + GAP})`);
  }

  displays.addEventListener('state', ({ detail: display }) => {
    setNodes(display, display.nodes);
    for (const matrix of display.nodes.map(matrixOf)) if (matrix) show(matrix, display);
  });
  displays.addEventListener('frame', ({ detail: display }) => {
    for (const id of display.nodes) matrixOf(id)?.paint(display.colors);
  });
  displays.addEventListener('gone', ({ detail: display }) => setNodes(display, []));
  RED.hooks.add('viewRedrawNode.sense-led', onRedrawNode);
}
