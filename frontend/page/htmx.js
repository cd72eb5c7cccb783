// htmx for all pages. Changes to the server carry the page's CSRF token.
import htmx from 'htmx.org';

document.addEventListener('htmx:config:request', ({ detail }) => {
  const { request } = detail.ctx;
  const token = document.querySelector('meta[name="csrf-token"]')?.content;
  if (token && !['GET', 'HEAD'].includes(String(request.method).toUpperCase())) {
    request.headers['X-CSRF-Token'] = token;
  }
  // Nobody has clicked: a part that fetches itself again does not keep the session alive.
  if (detail.ctx.sourceElement?.hasAttribute?.('data-poll')) request.headers['X-Yizhan-Poll'] = '1';
});

window.htmx = htmx;
