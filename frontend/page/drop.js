// A file may be dropped anywhere on the frame around its field.

for (const frame of document.querySelectorAll('[data-drop] .drop')) {
  const input = frame.querySelector('input[type=file]');
  for (const name of ['dragenter', 'dragover', 'dragleave', 'drop']) {
    frame.addEventListener(name, (event) => {
      event.preventDefault();
      frame.classList.toggle('over', name === 'dragenter' || name === 'dragover');
      if (name === 'drop' && event.dataTransfer?.files.length) input.files = event.dataTransfer.files;
    });
  }
}
