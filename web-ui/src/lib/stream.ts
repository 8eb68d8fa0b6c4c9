/**
 * The event stream, kept open for as long as the page lives: `EventSource` reconnects by itself, and where it gives up or
 * hangs in silence, this opens a new one. Either way it goes on after the last event that came.
 */

import { latest } from './latest.ts';
import { isList, SECTION_NAMES } from './merge.ts';
import type { SectionName } from './types.ts';

export interface Listener {
  section(name: SectionName, data: unknown): void;
  beat(at: string): void;
  unreadable(name: string, error: unknown): void;
  /** The stream has ended or could not be opened; it is opened again. */
  ended(): void;
}

const SILENCE_MS = 12_000;
const RETRY_FIRST_MS = 500;
const RETRY_LAST_MS = 5_000;

/** Has work done once what has come already is taken. Timers would keep a page that is not in front waiting for a second each. */
function afterwards(): (work: () => void) => void {
  const { port1, port2 } = new MessageChannel();
  return (work) => {
    port1.onmessage = work;
    port2.postMessage(null);
  };
}

export function listen(url: string, listener: Listener): () => void {
  let source: EventSource | null = null;
  let heard = performance.now();
  let wait = RETRY_FIRST_MS;
  let timer: ReturnType<typeof setTimeout> | undefined;
  /** The id of the last event: what it tells of is read or waits for it. */
  let last = '';
  const newest = latest(read, afterwards());

  function open(): void {
    heard = performance.now();
    source = new EventSource(`${url}?changes=true${last === '' ? '' : `&after=${encodeURIComponent(last)}`}`);
    for (const name of SECTION_NAMES) source.addEventListener(name, (event) => take(event, name));
    source.addEventListener('beat', (event) => take(event, 'beat'));
    source.onerror = () => {
      listener.ended();
      if (source?.readyState === EventSource.CLOSED) reopen();
    };
  }

  function take(event: MessageEvent<string>, name: SectionName | 'beat'): void {
    heard = performance.now();
    wait = RETRY_FIRST_MS;
    last = event.lastEventId;
    const what = name !== 'beat' && isList(name) ? 'change' : 'whole';
    if (!newest.put(name, event.data, what)) beginAnew();
  }

  function beginAnew(): void {
    last = '';
    newest.forget();
    reopen();
  }

  function read(name: SectionName | 'beat', text: string): void {
    try {
      const data: unknown = JSON.parse(text);
      if (name === 'beat') listener.beat((data as { at: string }).at);
      else listener.section(name, data);
    } catch (error) {
      listener.unreadable(name, error);
      // What comes next may build on it.
      beginAnew();
    }
  }

  function reopen(): void {
    source?.close();
    source = null;
    clearTimeout(timer);
    timer = setTimeout(open, wait * (0.5 + Math.random()));
    wait = Math.min(RETRY_LAST_MS, wait * 2);
  }

  const watchdog = setInterval(() => {
    if (source && performance.now() - heard > SILENCE_MS) reopen();
  }, 1_000);

  open();
  return () => {
    clearInterval(watchdog);
    clearTimeout(timer);
    newest.forget();
    source?.close();
  };
}
