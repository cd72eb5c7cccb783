// Dialogs are the browser's own: they hold the focus, close on Esc, and give the focus back to what opened them.

export function openDialog(id) {
  const dialog = document.getElementById(id);
  if (!(dialog instanceof HTMLDialogElement) || dialog.open) return null;
  dialog.showModal();
  return dialog;
}

document.addEventListener('click', (event) => {
  if (!(event.target instanceof Element)) return;
  const opener = event.target.closest('[data-dialog]');
  if (opener && openDialog(opener.dataset.dialog)) event.preventDefault();
  const closer = event.target.closest('[data-close]');
  if (closer) closer.closest('dialog')?.close();
  // A click beside an open dialog falls on the dialog element itself, outside of what it shows.
  if (event.target instanceof HTMLDialogElement && isBeside(event, event.target)) event.target.close();
});

function isBeside(event, dialog) {
  const box = dialog.getBoundingClientRect();
  const inside = event.clientX >= box.left && event.clientX <= box.right && event.clientY >= box.top && event.clientY <= box.bottom;
  return !inside && event.detail > 0;
}

// A dialog that came with a refused form is shown again at once.
for (const dialog of document.querySelectorAll('dialog[data-shown]')) openDialog(dialog.id);
