// Photos: made small here (which also takes out where they were made), kept on the phone, sent once.
import { drop, flush, keep, mine, onChange } from './outbox.js';
import { word } from './words.js';

const LONGEST_PX = 1600;
const QUALITY = 0.82;
const here = document.querySelector('[data-here]');

async function small(file) {
  const picture = await createImageBitmap(file, { imageOrientation: 'from-image' });
  const scale = Math.min(1, LONGEST_PX / Math.max(picture.width, picture.height));
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(1, Math.round(picture.width * scale));
  canvas.height = Math.max(1, Math.round(picture.height * scale));
  canvas.getContext('2d').drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close();
  return new Promise((done) => canvas.toBlob(done, 'image/jpeg', QUALITY));
}

export function start() {
  for (const set of document.querySelectorAll('[data-photos]')) watch(set);
}

function watch(set) {
  const tiles = set.querySelector('[data-tiles]');
  const camera = set.querySelector('[data-camera]');
  const drawn = new Map(); // key -> tile

  camera.addEventListener('change', async () => {
    const files = [...camera.files];
    camera.value = '';
    set.querySelector('.err')?.remove();
    for (const file of files) {
      const blob = await small(file).catch(() => null);
      if (!blob) {
        complain(set, word('nophoto'));
        continue;
      }
      const name = `${here.dataset.here}-${tiles.children.length + 1}.jpg`;
      const href = `${location.pathname}/photos`;
      await keep({ kind: 'photo', number: here.dataset.here, title: here.dataset.title, href, blob, name, field: set.dataset.photos });
    }
    set.dispatchEvent(new Event('input', { bubbles: true }));
    await flush();
  });

  const show = async (rows) => {
    const ours = rows.filter((row) => row.kind === 'photo' && row.number === here.dataset.here && row.field === set.dataset.photos);
    for (const [key, tile] of drawn) {
      if (ours.some((row) => row.key === key)) continue;
      tile.remove();
      drawn.delete(key);
    }
    for (const row of ours) {
      // The server has drawn what it has; a photo that was sent from here stays as it is.
      if (!drawn.has(row.key) && tiles.querySelector(`[data-name="${CSS.escape(row.name)}"]`)) continue;
      if (!drawn.has(row.key)) {
        const tile = await made(row);
        if (drawn.has(row.key)) continue;
        drawn.set(row.key, tile);
        tiles.append(tile);
      }
      mark(drawn.get(row.key), row);
    }
  };
  onChange(show);
  mine().then(show);
}

async function made(row) {
  const tile = document.createElement('li');
  if (row.blob) {
    const picture = await createImageBitmap(row.blob);
    const canvas = document.createElement('canvas');
    canvas.width = canvas.height = 160;
    const side = Math.min(picture.width, picture.height);
    canvas.getContext('2d').drawImage(picture, (picture.width - side) / 2, (picture.height - side) / 2, side, side, 0, 0, 160, 160);
    canvas.setAttribute('role', 'img');
    canvas.setAttribute('aria-label', row.name);
    tile.append(canvas);
  }
  const text = document.createElement('span');
  const away = document.createElement('button');
  away.type = 'button';
  away.className = 'btn quiet';
  away.textContent = '×';
  away.setAttribute('aria-label', word('remove', { name: row.name }));
  away.addEventListener('click', () => drop(row.key));
  tile.append(text, away);
  return tile;
}

function mark(tile, row) {
  tile.dataset.state = row.state;
  tile.querySelector('span').textContent = word({ sent: 'photoSent', waiting: 'photoWaits', refused: 'photoRefused' }[row.state]);
  tile.querySelector('button').hidden = row.state === 'sent';
}

function complain(set, text) {
  const note = document.createElement('span');
  note.className = 'err';
  note.setAttribute('role', 'alert');
  note.textContent = text;
  set.append(note);
}
