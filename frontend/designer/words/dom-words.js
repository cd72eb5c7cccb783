// Words that packages have in their code instead of asking for a translation: exchanged where they appear.
const ATTRIBUTES = ['title', 'aria-label', 'placeholder'];

/**
 * Exchanges the words below ``place`` now and whenever something changes there. ``words(said)`` gives what to say instead,
 * the same if nothing; ``within`` is the part of the page it is about. Gives a function that ends it.
 */
export function exchangeWords(place, words, within = '*') {
  exchange(place, words, within);
  const watch = new MutationObserver((changes) => {
    for (const { type, target, addedNodes } of changes) {
      if (type === 'attributes') exchangeOne(target, words, within);
      else for (const node of addedNodes) if (node.nodeType === Node.ELEMENT_NODE) exchange(node, words, within);
    }
  });
  watch.observe(place, { childList: true, subtree: true, attributes: true, attributeFilter: ATTRIBUTES });
  return () => watch.disconnect();
}

function exchange(place, words, within) {
  for (const node of [place, ...place.querySelectorAll('*')]) exchangeOne(node, words, within);
}

function exchangeOne(node, words, within) {
  if (!node.closest(within)) return;
  for (const name of ATTRIBUTES) {
    const said = node.getAttribute(name);
    if (said && words(said) !== said) node.setAttribute(name, words(said));
  }
  for (const child of node.childNodes) {
    if (child.nodeType !== Node.TEXT_NODE) continue;
    const said = child.data.trim();
    if (said && words(said) !== said) child.data = words(said);
  }
}
