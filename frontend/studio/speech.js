// Packages that speak English only: what they show is put into the page's language as soon as it stands there.
const SAID = ['title', 'placeholder', 'aria-label', 'alt'];

/**
 * Translates what is in ``root`` and whatever comes into it. ``said(words)`` gives other words, or null to leave them;
 * what lies inside ``own`` (a selector) are words that people have typed.
 */
export function translate(root, said, own = '[data-own]') {
  const put = (node) => {
    if (node.nodeType === Node.TEXT_NODE) {
      const other = node.parentElement?.closest(own) ? null : said(node.data);
      if (other !== null && other !== node.data) node.data = other;
      return;
    }
    if (node.nodeType !== Node.ELEMENT_NODE) return;
    for (const name of SAID) {
      const words = node.getAttribute(name);
      const other = words && said(words);
      if (other && other !== words) node.setAttribute(name, other);
    }
    for (const child of node.childNodes) put(child);
  };
  put(root);
  new MutationObserver((changes) => {
    for (const { type, target, addedNodes } of changes) {
      if (type === 'childList') addedNodes.forEach(put);
      else put(target);
    }
  }).observe(root, { subtree: true, childList: true, characterData: true, attributes: true, attributeFilter: SAID });
}
