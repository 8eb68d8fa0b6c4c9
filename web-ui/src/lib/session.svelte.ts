/** Who is at this page and what he may: asked of the gateway, which decides. */

import * as access from './access.ts';
import { whenRefused, type Refused } from './api.ts';
import type { Tab } from './route.svelte.ts';
import type { Permission, SessionView } from './types.ts';

/** The session is looked at this often; looking is no activity. */
const LOOK_EVERY_MS = 20_000;
/** Signs of activity are sent at most this often. */
const ACTIVE_EVERY_MS = 60_000;
/** What says that the session is not what the page believes. */
const NEWS = ['log_in', 'session_over', 'not_allowed', 'password_again'];

class Session {
  /** Null until the gateway has said it once. */
  view = $state.raw<SessionView | null>(null);
  /** Whether there was a session on this page that is over now. */
  lost = $state(false);
  /** Whether the password is being asked for, so that a command can go on. */
  confirming = $state(false);
  #waiting: ((given: boolean) => void)[] = [];
  #sent = 0;

  /** Whether people log in here; not in the demonstration. */
  readonly hasUsers = $derived(this.view !== null && this.view.who !== 'demo');
  readonly isDemo = $derived(this.view?.who === 'demo');
  readonly isUser = $derived(this.view?.who === 'user');

  may(permission: Permission): boolean {
    return this.view?.permissions.includes(permission) ?? false;
  }

  /** Looks now and again; and listens for signs that somebody is there. */
  start(): () => void {
    whenRefused((refused) => this.#heed(refused));
    void this.load();
    const timer = setInterval(() => void this.load(), LOOK_EVERY_MS);
    const seen = () => void this.#active();
    const signs = ['pointerdown', 'keydown'] as const;
    signs.forEach((sign) => addEventListener(sign, seen, { passive: true }));
    return () => {
      clearInterval(timer);
      signs.forEach((sign) => removeEventListener(sign, seen));
    };
  }

  /** A gateway that does not answer changes nothing: that it is silent shows by itself. */
  async load(): Promise<void> {
    try {
      this.#take(await access.session());
    } catch {
      // Looked at again in a moment.
    }
  }

  /** A request was refused: perhaps it is another session than the page believes. */
  #heed(refused: Refused): void {
    if (NEWS.includes(refused.code)) void this.load();
  }

  async logIn(name: string, password: string): Promise<void> {
    await access.logIn(name, password);
    restart();
  }

  async setUp(code: string, name: string, password: string): Promise<void> {
    await access.setUp(code, name, password);
    restart();
  }

  async logOut(everywhere: boolean): Promise<void> {
    await access.logOut(everywhere);
    restart();
  }

  async changePassword(old: string, fresh: string): Promise<void> {
    this.#take(await access.changePassword(old, fresh));
  }

  /** Asks for the password, where that is what a command needs; whether it was given. */
  askAgain(): Promise<boolean> {
    this.confirming = true;
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  async confirm(password: string): Promise<void> {
    this.#take(await access.confirm(password));
    this.answer(true);
  }

  answer(given: boolean): void {
    this.confirming = false;
    this.#waiting.forEach((resolve) => resolve(given));
    this.#waiting = [];
  }

  #take(next: SessionView): void {
    const was = this.view;
    if (was?.who === 'user' && next.who !== 'user') this.lost = true;
    if (next.who === 'user') this.lost = false;
    // What another may see may be other data: begun anew, nothing of before can stand on the screen.
    const changed = was !== null && was.permissions.length > 0 && next.permissions.length > 0 && was.permissions.join() !== next.permissions.join();
    if (changed) return restart();
    this.view = next;
  }

  async #active(): Promise<void> {
    if (!this.isUser || this.view?.password_again || performance.now() - this.#sent < ACTIVE_EVERY_MS) return;
    this.#sent = performance.now();
    try {
      await access.activity();
    } catch {
      // Heeded already, or asked again at the next sign.
    }
  }
}

function restart(): void {
  location.reload();
}

export const session = new Session();
export const may = (permission: Permission): boolean => session.may(permission);

/** What the live state fills is for everybody who may look, a panel as well. */
const LIVE: readonly Tab[] = ['overview', 'alarms', 'values'];
/** What takes more than to look. */
const TAKES: Partial<Record<Tab, Permission>> = { commissioning: 'configure' };
export function isOffered(tab: Tab): boolean {
  if (tab === 'system') return session.isUser || may('read');
  const takes = TAKES[tab];
  return takes ? may(takes) : may('read') || LIVE.includes(tab);
}
