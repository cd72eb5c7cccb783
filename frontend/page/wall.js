// The control room on a wall: the picture alone. The browser's own full screen is a key further.
for (const button of document.querySelectorAll('[data-wall]')) {
  button.addEventListener('click', () => {
    const on = document.body.classList.toggle('on-wall');
    button.setAttribute('aria-pressed', String(on));
  });
}
