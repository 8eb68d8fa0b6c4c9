/** Holds a list while someone points into it or walks through it with the keyboard, and lets go by itself. */

import type { Attachment } from 'svelte/attachments';
import { hold } from './calm.ts';

/** A finger that has just been lifted often comes back. */
const LINGER_MS = 2_000;
/** Who has scrolled down reads, and may do so without moving anything. */
const READ_MS = 60_000;
/** A pointer that was left lying on the list must not hold it for ever. */
const IDLE_MS = 15_000;

export class Calm<Row> {
  #shown = $state.raw<readonly Row[] | null>(null);
  #timer: ReturnType<typeof setTimeout> | undefined;
  #at = '';
  /** Held by a person until they let go. */
  pinned = $state(false);
  readonly #key: (row: Row) => string;
  readonly #live: () => readonly Row[];
  readonly #all: () => readonly Row[];

  /** `live` is the list as filtered, `all` the list before that. */
  constructor(key: (row: Row) => string, live: () => readonly Row[], all: () => readonly Row[] = live) {
    this.#key = key;
    this.#live = live;
    this.#all = all;
  }

  readonly held = $derived.by(() => hold(this.#shown, this.#live(), this.#key, this.#all()));
  readonly still = $derived(this.#shown !== null);

  readonly release = (): void => {
    clearTimeout(this.#timer);
    this.#shown = null;
    this.pinned = false;
  };

  /** Holds the list until it is let go again, whatever anybody does. */
  readonly pin = (): void => {
    if (this.pinned) return this.release();
    this.#hold(0);
    this.pinned = true;
  };

  /** Makes an element the place where the list is held. */
  readonly place: Attachment<HTMLElement> = (element) => {
    const point = (event: PointerEvent) => {
      // The browser also tells of a pointer that lies still while the rows move below it.
      const at = `${event.screenX},${event.screenY}`;
      if (at !== this.#at) this.#hold(IDLE_MS);
      this.#at = at;
    };
    const walk = (event: Event) => {
      if (event.target instanceof Element && event.target.matches(':focus-visible')) this.#hold(IDLE_MS);
    };
    const leave = () => {
      if (this.#shown !== null) this.#hold(LINGER_MS);
    };
    const listeners: [string, (event: never) => void][] = [
      ['pointerdown', point], ['pointermove', point], ['pointerleave', leave],
      ['focusin', walk], ['keydown', walk], ['focusout', leave],
    ];
    const around = element.closest('main');
    const read = () => {
      if (around !== null && around.scrollTop > 0) this.#hold(READ_MS);
    };
    for (const [name, listener] of listeners) element.addEventListener(name, listener as EventListener);
    around?.addEventListener('scroll', read, { passive: true });
    return () => {
      around?.removeEventListener('scroll', read);
      for (const [name, listener] of listeners) element.removeEventListener(name, listener as EventListener);
      this.release();
    };
  };

  #hold(forMs: number): void {
    this.#shown ??= this.#live();
    clearTimeout(this.#timer);
    if (!this.pinned && forMs > 0) this.#timer = setTimeout(this.release, forMs);
  }
}
