// Panels that fold (details[data-fold]): how the reader left them stays so, also when the part around them is fetched again.
// With data-fold-kept it stays for the next visit too; only open or closed is kept, nothing of what is inside.
const now = new Map();

function stored(fold) {
  if (now.has(fold.dataset.fold)) return now.get(fold.dataset.fold);
  if (!fold.hasAttribute('data-fold-kept')) return null;
  try {
    return localStorage.getItem(`fold:${fold.dataset.fold}`);
  } catch {
    return null; // a browser that keeps nothing
  }
}

function apply(root) {
  for (const fold of root.querySelectorAll('details[data-fold]')) {
    const left = stored(fold);
    if (left) fold.open = left === 'open';
  }
}

document.addEventListener('toggle', ({ target }) => {
  if (!(target instanceof HTMLDetailsElement) || !target.dataset.fold) return;
  const left = target.open ? 'open' : 'closed';
  if (stored(target) === left) return;
  now.set(target.dataset.fold, left);
  if (!target.hasAttribute('data-fold-kept')) return;
  try {
    localStorage.setItem(`fold:${target.dataset.fold}`, left);
  } catch {
    // It is still as it was left on this page.
  }
}, true);

document.addEventListener('htmx:before:swap', ({ detail }) => {
  for (const task of detail.tasks ?? []) if (task.fragment) apply(task.fragment);
});
apply(document);
