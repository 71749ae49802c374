// What is in view.

/**
 * Tells whether an HTML element is in view, at first and when that changes: one in a closed part of the page is not, nor
 * one that was scrolled away. Returns a function that ends it.
 */
export function onSight(element, tell) {
  const observer = new IntersectionObserver((entries) => tell(entries.at(-1).isIntersecting));
  observer.observe(element);
  return () => observer.disconnect();
}

/** Whether two rectangles on the screen overlap, the second one widened by a margin. */
export function overlap(one, other, margin = 0) {
  return (
    one.right > other.left - margin &&
    one.left < other.right + margin &&
    one.bottom > other.top - margin &&
    one.top < other.bottom + margin
  );
}
