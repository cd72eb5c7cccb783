// Sentences come with the page, in its language.
const said = document.getElementById('words')?.dataset ?? {};

export function word(name, values = {}) {
  return Object.entries(values).reduce((text, [key, value]) => text.replace(`{${key}}`, String(value)), said[name] ?? '');
}
