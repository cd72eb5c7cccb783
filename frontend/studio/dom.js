// Making page elements in one line each.

/** An element with attributes, listeners (onclick: ...) and children (elements or texts). */
export function el(name, attributes = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith('on')) node.addEventListener(key.slice(2), value);
    else if (value === true) node.setAttribute(key, '');
    else if (value !== false && value != null) node.setAttribute(key, value);
  }
  node.append(...children.filter((child) => child != null));
  return node;
}

export function button(label, onclick, attributes = {}) {
  return el('button', { type: 'button', class: 'dsg-button', onclick, ...attributes }, label);
}
