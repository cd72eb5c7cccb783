// The board of a team: what is chosen goes where the form below says. Dragging only fills in that form.

const form = document.querySelector('form[data-board]');
if (form) {
  const boxes = () => [...document.querySelectorAll('.bcard input[type=checkbox]')];
  const boxOf = (number) => boxes().find((box) => box.value === number);
  const none = form.querySelector('[data-board-none]');
  const to = form.elements.to;

  const show = () => {
    const n = boxes().filter((box) => box.checked).length;
    for (const box of boxes()) box.closest('.bcard').classList.toggle('on', box.checked);
    form.querySelector('[data-count]').textContent = String(n);
    form.querySelector('.primary').disabled = n === 0;
    form.classList.toggle('idle', n === 0);
    none.hidden = n === 0;
  };
  const only = (number) => {
    for (const box of boxes()) box.checked = box.value === number;
    show();
  };

  for (const button of document.querySelectorAll('[data-move]')) {
    button.hidden = false;
    button.addEventListener('click', () => {
      if (!boxOf(button.dataset.move).checked) only(button.dataset.move);
      to.focus();
    });
  }
  document.addEventListener('change', (event) => {
    if (event.target.matches('.bcard input')) show();
  });
  none.addEventListener('click', () => only(''));
  document.addEventListener('keydown', (event) => {
    const typing = event.target.matches('input:not([type=checkbox]), select, textarea');
    if (typing || event.ctrlKey || event.metaKey || event.altKey || event.key !== 'a') return;
    event.preventDefault();
    to.focus();
  });

  // ---- with a mouse: drop a card on a person, then confirm below
  for (const card of document.querySelectorAll('.bcard[draggable]')) {
    card.addEventListener('dragstart', (event) => {
      event.dataTransfer.setData('text/plain', card.dataset.card);
      event.dataTransfer.effectAllowed = 'move';
      if (!boxOf(card.dataset.card).checked) only(card.dataset.card);
    });
  }
  for (const column of document.querySelectorAll('[data-drop]')) {
    column.addEventListener('dragover', (event) => {
      event.preventDefault();
      column.classList.add('is-over');
    });
    column.addEventListener('dragleave', () => column.classList.remove('is-over'));
    column.addEventListener('drop', (event) => {
      event.preventDefault();
      column.classList.remove('is-over');
      to.value = column.dataset.drop;
      form.requestSubmit();
    });
  }
  show();
}
