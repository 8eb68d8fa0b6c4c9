/** Brings a warning into view and to the keyboard. */

const PATIENCE_FRAMES = 20;

let wanted = $state('');

/** The warning that was gone to last: its card is shown whole. */
export const isWanted = (warning: string): boolean => warning === wanted;

/** Goes to the card of a warning on the overview, which may only just be on its way to the screen. */
export function show(warning: string): void {
  wanted = warning;
  location.hash = '#/overview';
  find(`warning-${warning}`, PATIENCE_FRAMES);
}

function find(id: string, frames: number): void {
  const card = document.getElementById(id);
  if (card) {
    card.scrollIntoView({ block: 'start' });
    card.focus({ preventScroll: true });
  } else if (frames > 0) {
    requestAnimationFrame(() => find(id, frames - 1));
  }
}
