// Drawings of processes: the viewer is large, so it is fetched only where a page has one, also one that came later.
async function draw(root) {
  for (const box of root.querySelectorAll('[data-diagram]:not([data-drawn])')) {
    box.dataset.drawn = '';
    const { show } = await import('../diagram/viewer.js');
    await show(box);
  }
}

draw(document);
document.addEventListener('htmx:after:swap', () => draw(document));
