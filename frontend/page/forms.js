// Forms: filters send themselves, demo accounts fill themselves in, Ctrl+Enter sends the work, questions depend on answers.

for (const form of document.querySelectorAll('form[data-autosubmit]')) {
  form.addEventListener('change', (event) => {
    if (event.target.matches('select, input[type=checkbox]')) form.requestSubmit();
  });
}

for (const button of document.querySelectorAll('[data-fill-login]')) {
  button.addEventListener('click', () => {
    document.getElementById('u').value = button.dataset.fillLogin;
    document.getElementById('p').value = button.dataset.fillPassword;
    document.getElementById('p').form.querySelector('button[type=submit]').focus();
  });
}

document.addEventListener('click', (event) => {
  const link = event.target instanceof Element && event.target.closest('[data-opens]');
  const part = link && document.getElementById(link.dataset.opens);
  if (!part) return;
  part.open = true;
  const first = part.querySelector('select, textarea, input:not([type=hidden])');
  if (first) setTimeout(() => first.focus(), 0);
});

document.addEventListener('keydown', (event) => {
  if (!(event.ctrlKey || event.metaKey) || event.key !== 'Enter') return;
  const own = event.target instanceof Element && event.target.closest('form[data-submit-key], dialog form');
  const form = own || document.querySelector('form[data-submit-key]');
  if (form) form.requestSubmit(form.querySelector('button.primary'));
});

function showAsked(form) {
  for (const field of form.querySelectorAll('[data-when]')) {
    const asked = form.elements[field.dataset.when];
    if (!asked) continue;
    const value = asked.type === 'checkbox' ? (asked.checked ? 'true' : '') : asked.value;
    field.hidden = value !== field.dataset.equals;
  }
}
for (const form of document.querySelectorAll('form')) {
  if (!form.querySelector('[data-when]')) continue;
  showAsked(form);
  form.addEventListener('change', () => showAsked(form));
}

// After a refused form the summary of errors comes first.
document.querySelector('.errsum')?.focus();
