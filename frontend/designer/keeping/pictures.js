// The drawing as a file: BPMN, SVG, PNG.
import { download, StoreProblem } from '../store.js';
import { text } from '../words/texts.js';

const SCALE = 2;
const MOST_PIXELS = 16_000;

export async function downloadSvg(diagram, fileName) {
  const { svg } = await diagram.saveSVG();
  download(fileName.replace(/\.\w+$/, '') + '.svg', svg, 'image/svg+xml');
}

export async function downloadPng(diagram, fileName) {
  const { svg } = await diagram.saveSVG();
  download(fileName.replace(/\.\w+$/, '') + '.png', await asPng(svg), 'image/png');
}

async function asPng(svg) {
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
  try {
    await image.decode();
  } catch {
    throw new StoreProblem(text('noPicture'));
  }
  const scale = Math.min(SCALE, MOST_PIXELS / Math.max(image.width, image.height, 1));
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [image.width * scale, image.height * scale];
  const pen = canvas.getContext('2d');
  pen.fillStyle = '#fff';
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((done, fail) => canvas.toBlob((blob) => (blob ? done(blob) : fail(new StoreProblem(text('noPicture')))), 'image/png'));
}
