/** Saves what is shown as a file of the person's computer. */

import { toField } from '../time.ts';
import { palette } from './colours.ts';

export function save(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob);
  const link = Object.assign(document.createElement('a'), { href: url, download: name });
  link.click();
  // The browser has taken hold of it by the next turn.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/** A moment as part of a file's name, in the local time of the site: `20261123T140000`. */
export const stamp = (at: number): string => toField(at).replace(/[-:]/g, '');

const MARGIN = 16;

/** The chart on the ground of the page, with a title above and the tags below, each with its line's colour and number. */
export function picture(chart: HTMLCanvasElement, title: string, tags: readonly string[]): Promise<Blob | null> {
  const { lines, surface, text, font, size } = palette();
  const ratio = devicePixelRatio || 1;
  const row = size * 1.7 * ratio;
  const canvas = document.createElement('canvas');
  canvas.width = chart.width + 2 * MARGIN * ratio;
  canvas.height = chart.height + row * (tags.length + 1) + 3 * MARGIN * ratio;
  const ctx = canvas.getContext('2d');
  if (!ctx) return Promise.resolve(null);
  ctx.fillStyle = surface;
  ctx.fillRect(0, 0, canvas.width, canvas.height);
  ctx.font = `600 ${size * 1.15 * ratio}px ${font}`;
  ctx.textBaseline = 'middle';
  ctx.fillStyle = text;
  ctx.fillText(title, MARGIN * ratio, MARGIN * ratio + row / 2);
  ctx.drawImage(chart, MARGIN * ratio, MARGIN * ratio + row);
  tags.forEach((tag, at) => {
    const middle = chart.height + row * (at + 1.5) + 2 * MARGIN * ratio;
    ctx.fillStyle = lines[at] ?? text;
    ctx.fillRect(MARGIN * ratio, middle - 2 * ratio, 28 * ratio, 4 * ratio);
    ctx.fillStyle = text;
    ctx.fillText(tag, (MARGIN + 38) * ratio, middle);
  });
  return new Promise((resolve) => canvas.toBlob(resolve));
}
