/** Everything a person can ask for, signed with the operator's name, with what went wrong shown in words. */

import * as api from './api.ts';
import * as config from './config.ts';
import { gateway } from './gateway.svelte.ts';
import { has, t } from './i18n/index.svelte.ts';
import * as look from './look.ts';
import { inForce } from './inForce.svelte.ts';
import { session } from './session.svelte.ts';
import type { LoopPoint, LoopResult, Rectification, TaskResult, Verdict } from './types.ts';

const STORED = 'davy.operator';
const TOAST_MS = 8_000;
const TOASTS_MAX = 4;
const AT_ONCE = 4;

export interface Toast {
  id: number;
  title: string;
  detail: string;
}

class Operator {
  name = $state(localStorage.getItem(STORED) ?? '');
  asking = $state(false);
  #waiting: ((name: string | null) => void) | null = null;

  /** The name; asks for it when there is none. Null when the person would not say. */
  async get(): Promise<string | null> {
    // Who is logged in signs himself.
    if (session.hasUsers) return session.view?.name ?? null;
    return this.name || this.ask();
  }

  ask(): Promise<string | null> {
    this.#waiting?.(null);
    this.asking = true;
    return new Promise((resolve) => (this.#waiting = resolve));
  }

  answer(name: string | null): void {
    if (name) {
      this.name = name;
      localStorage.setItem(STORED, name);
    }
    this.asking = false;
    this.#waiting?.(name);
    this.#waiting = null;
  }
}

class Toasts {
  list = $state.raw<readonly Toast[]>([]);
  #next = 1;

  show(title: string, detail: string): void {
    if (this.list.some((toast) => toast.detail === detail)) return;
    const toast = { id: this.#next++, title, detail };
    this.list = [...this.list, toast].slice(-TOASTS_MAX);
    setTimeout(() => this.drop(toast.id), TOAST_MS);
  }

  drop(id: number): void {
    this.list = this.list.filter((toast) => toast.id !== id);
  }
}

export const operator = new Operator();
export const toasts = new Toasts();

/** Requests on their way, by the object they are about. */
let busy = $state.raw<ReadonlySet<string>>(new Set());
export const isBusy = (id: string): boolean => busy.has(id);

export async function acknowledge(ids: readonly string[]): Promise<void> {
  const by = await operator.get();
  if (by === null) return;
  const queue = [...ids];
  const worker = async () => {
    for (let id = queue.shift(); id !== undefined; id = queue.shift()) {
      const alarm = id;
      // One that somebody else was quicker with must not keep the others; a gateway that does not answer must.
      if ((await run(alarm, () => api.acknowledge(alarm, by))) === 'unanswered') queue.length = 0;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

export const reset = (id: string): Promise<boolean> => signed(id, (by) => api.reset(id, by));

export const shelve = (rule: string, seconds: number, once: boolean, reason: string): Promise<boolean> =>
  signed(rule, (by) => api.shelve(rule, by, seconds, once, reason));

export const unshelve = (rule: string): Promise<boolean> => signed(rule, (by) => api.unshelve(rule, by));

export const takeOutOfService = (rule: string, reason: string): Promise<boolean> =>
  signed(rule, (by) => api.takeOutOfService(rule, by, reason));

export const returnToService = (rule: string): Promise<boolean> => signed(rule, (by) => api.returnToService(rule, by));

export const stopUnit = (unit: string, seconds: number | null, reason: string): Promise<boolean> =>
  signed(unit, (by) => api.stopUnit(unit, by, seconds, reason));

export const resumeUnit = (unit: string): Promise<boolean> => signed(unit, (by) => api.resumeUnit(unit, by));
export const silence = (): Promise<boolean> => signed('horn', api.silence);
export const accept = (id: string): Promise<boolean> => signed(id, (by) => api.accept(id, by));

export const finish = (id: string, result: TaskResult, note: string): Promise<boolean> =>
  signed(id, (by) => api.finish(id, by, result, note));

export const attach = (id: string, uri: string, mediaType: string): Promise<boolean> => signed(id, (by) => api.attach(id, by, uri, mediaType));

export const cancel = (id: string, reason: string): Promise<boolean> => signed(id, (by) => api.cancel(id, by, reason));

export const review = (id: string, verdict: Verdict, note: string, about: Rectification = {}): Promise<boolean> =>
  signed(id, (by) => api.review(id, by, verdict, note, about));

export const decideCertificate = (sha256: string, decision: 'trust' | 'reject' | 'remove'): Promise<boolean> =>
  signed(sha256, (by) => api.decideCertificate(sha256, decision, by));

/** Sets outputs of the alarm box for a while. */
export const beginBoardTest = (outputs: Record<string, boolean>, seconds: number): Promise<boolean> =>
  signed('board', (by) => api.beginBoardTest(by, outputs, seconds));

export const endBoardTest = (): Promise<boolean> => signed('board', api.endBoardTest);

/** Tries a row that an uplink's receiver refused again, or every one. */
export const retryParked = (uplink: string, seq: number | null): Promise<boolean> =>
  signed(seq === null ? uplink : `${uplink}/${seq}`, (by) => api.retryParked(uplink, seq, by));

/** Writes down what was found at a loop. */
export const checkLoop = (tag: string, result: LoopResult, points: readonly LoopPoint[], note: string): Promise<boolean> =>
  signed(tag, (by) => look.checkLoop(tag, by, result, points, note));

/** Puts an earlier configuration in force again; `base` is the one that the person sees in force. */
export const rollBack = (base: string, number: number, reason: string): Promise<boolean> =>
  signed('config', async (by) => inForce.becomes((await config.rollBack(base, number, by, reason)).version));

async function signed(id: string, request: (by: string) => Promise<void>): Promise<boolean> {
  const by = await operator.get();
  return by !== null && (await run(id, () => request(by))) === 'done';
}

type Outcome = 'done' | 'refused' | 'unanswered';

async function run(id: string, request: () => Promise<void>): Promise<Outcome> {
  busy = new Set(busy).add(id);
  try {
    await confirmed(request);
    return 'done';
  } catch (error) {
    explain(error);
    return error instanceof api.Refused ? 'refused' : 'unanswered';
  } finally {
    const rest = new Set(busy);
    rest.delete(id);
    busy = rest;
  }
}

/** Where a command needs the password again, it goes on once that was given. */
export async function confirmed<T>(request: () => Promise<T>): Promise<T> {
  try {
    return await request();
  } catch (error) {
    if (!(error instanceof api.Refused) || error.code !== 'password_again' || !(await session.askAgain())) throw error;
    return request();
  }
}

function explain(error: unknown): void {
  if (error instanceof api.Refused) toasts.show(titleOf(error), error.message);
  else toasts.show(t('toast.failed'), t('toast.offline'));
}

function titleOf(refused: api.Refused): string {
  const key = `problem.${refused.code}`;
  return has(key) ? t(key) : refused.title;
}

/** What went wrong, in the words of the page. */
export const wordsOf = (error: unknown): string => (error instanceof api.Refused ? titleOf(error) : t('link.silent'));

export const canAct = (id: string): boolean => gateway.live && !isBusy(id);
