// Codes are read with the camera where the browser can; everywhere they can be typed, or come from a hand scanner.
import { word } from './words.js';

const EVERY_MS = 250;

export function start() {
  if (!('BarcodeDetector' in window) || !navigator.mediaDevices) return;
  for (const button of document.querySelectorAll('[data-scan]')) {
    button.hidden = false;
    button.addEventListener('click', () => scan(button));
  }
}

async function scan(button) {
  const input = document.getElementById(button.dataset.scan);
  const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' } }).catch(() => null);
  if (!stream) {
    say(input, word('nocamera'));
    return;
  }
  const video = document.createElement('video');
  video.className = 'fvideo';
  video.muted = video.playsInline = true;
  video.srcObject = stream;
  input.closest('.field').append(video);
  const stop = () => {
    for (const track of stream.getTracks()) track.stop();
    video.remove();
    button.onclick = null;
  };
  await video.play();
  const reader = new window.BarcodeDetector();
  for (let tries = 0; tries < 120 && video.isConnected; tries += 1) {
    const [found] = await reader.detect(video).catch(() => []);
    if (found) {
      input.value = found.rawValue.trim();
      input.dispatchEvent(new Event('input', { bubbles: true }));
      break;
    }
    await new Promise((next) => setTimeout(next, EVERY_MS));
  }
  stop();
  input.focus();
}

function say(input, text) {
  const note = document.createElement('span');
  note.className = 'err';
  note.setAttribute('role', 'alert');
  note.textContent = text;
  input.closest('.field').append(note);
}
