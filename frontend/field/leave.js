// Whoever signs out leaves nothing on the phone; what is not sent yet is asked about first.
import { forgetPages } from './keep.js';
import { mine } from './outbox.js';
import { forgetAll } from './store.js';
import { word } from './words.js';

export function start() {
  const form = document.querySelector('form[data-leave]');
  const dialog = document.getElementById('leave');
  if (!form) return;
  const leave = async () => {
    await forgetPages();
    await forgetAll();
    form.submit();
  };
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    const unsent = (await mine()).filter((row) => row.state !== 'sent').length;
    if (!unsent) return leave();
    dialog.querySelector('[data-leave-text]').textContent = word('leave', { n: unsent });
    return dialog.showModal();
  });
  dialog.querySelector('[data-close]').addEventListener('click', () => dialog.close());
  dialog.querySelector('[data-leave-anyway]').addEventListener('click', leave);
}
