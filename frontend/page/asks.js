// What was chosen in an order is asked of the neighbours at once, while somebody goes on typing.

const WAIT_MS = 300;

for (const asker of document.querySelectorAll('[data-asks]')) {
  let timer = 0;
  asker.closest('form')?.addEventListener('change', (event) => {
    if (!event.target.matches('input[type=radio], input[type=checkbox], select')) return;
    clearTimeout(timer);
    timer = setTimeout(() => asker.dispatchEvent(new Event('ask')), WAIT_MS);
  });
}
