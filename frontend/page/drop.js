// A file may be dropped anywhere on the frame around its field; the name of the chosen one is told. Papers are printed.

for (const frame of document.querySelectorAll('[data-drop] .drop')) {
  const input = frame.querySelector('input[type=file]');
  const shown = frame.querySelector('[data-drop-name]');
  const tell = () => {
    if (shown) shown.textContent = input.files[0]?.name ?? '';
  };
  input.addEventListener('change', tell);
  for (const name of ['dragenter', 'dragover', 'dragleave', 'drop']) {
    frame.addEventListener(name, (event) => {
      event.preventDefault();
      frame.classList.toggle('over', name === 'dragenter' || name === 'dragover');
      if (name === 'drop' && event.dataTransfer?.files.length) {
        input.files = event.dataTransfer.files;
        tell();
      }
    });
  }
}

for (const button of document.querySelectorAll('[data-print]')) {
  button.hidden = false;
  button.addEventListener('click', () => window.print());
}
