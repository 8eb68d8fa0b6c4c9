/** Commands to the gateway. What it refuses comes back in its own words. */

import type { Indicators } from './indicators.ts';
import type { Asked, Entry } from './journal.ts';
import type { CertificateView, ChangeRecord, Finding, JournalEntry, Page, ParkedRow, Quarantined, Rectification, RosterRow, RuleView, SiteMap, TagHistory, TaskResult, UplinkProgress, Verdict } from './types.ts';

export class Refused extends Error {
  /** Stable, so that the page can say it in its own language; empty where something between answered. */
  readonly code: string;
  readonly title: string;
  /** Seconds to wait before it makes sense to ask again; null where nothing was said of it. */
  readonly waitS: number | null;
  /** What is wrong with a configuration, by its place. */
  readonly findings: readonly Finding[];

  constructor(code: string, title: string, detail: string, waitS: number | null = null, findings: readonly Finding[] = []) {
    super(detail);
    this.findings = findings;
    this.code = code;
    this.title = title;
    this.waitS = waitS;
  }
}

export const acknowledge = (id: string, by: string) => post(`alarms/${encodeURIComponent(id)}/acknowledge`, { by });
export const reset = (id: string, by: string) => post(`alarms/${encodeURIComponent(id)}/reset`, { by });

export const shelve = (rule: string, by: string, for_s: number, one_shot: boolean, reason: string) =>
  post(`rules/${encodeURIComponent(rule)}/shelve`, { by, for_s, one_shot, reason });

export const unshelve = (rule: string, by: string) => post(`rules/${encodeURIComponent(rule)}/unshelve`, { by });

export const takeOutOfService = (rule: string, by: string, reason: string) =>
  post(`rules/${encodeURIComponent(rule)}/out-of-service`, { by, reason });

export const returnToService = (rule: string, by: string) => post(`rules/${encodeURIComponent(rule)}/return-to-service`, { by });

export const stopUnit = (unit: string, by: string, for_s: number | null, reason: string) =>
  post(`units/${encodeURIComponent(unit)}/stop`, { by, for_s, reason });

export const resumeUnit = (unit: string, by: string) => post(`units/${encodeURIComponent(unit)}/resume`, { by });
export const silence = (by: string) => post('horn/silence', { by });
export const beginBoardTest = (by: string, outputs: Record<string, boolean>, seconds: number) => post('board/test', { by, outputs, seconds });
export const endBoardTest = (by: string) => post('board/test/end', { by });
export const accept = (id: string, by: string) => post(`tasks/${encodeURIComponent(id)}/accept`, { by });

export const finish = (id: string, by: string, result: TaskResult, note: string) =>
  post(`tasks/${encodeURIComponent(id)}/finish`, { by, result, note });

export const cancel = (id: string, by: string, reason: string) => post(`tasks/${encodeURIComponent(id)}/cancel`, { by, reason });

export const review = (id: string, by: string, verdict: Verdict, note: string, about: Rectification) =>
  post(`hazards/${encodeURIComponent(id)}/review`, { by, verdict, note, ...about });

export const attach = (id: string, by: string, uri: string, media_type: string) =>
  post(`tasks/${encodeURIComponent(id)}/attach`, { by, attachment: { uri, media_type } });

/** Every certificate of the field side; there are never more than a page. */
export const certificates = async (): Promise<CertificateView[]> => (await get<Page<CertificateView>>('certificates?limit=5000')).items;

export const decideCertificate = (sha256: string, decision: 'trust' | 'reject' | 'remove', by: string) =>
  post(`certificates/${sha256}/${decision}`, { by });

/** The whole master alarm table. */
export async function rules(): Promise<RuleView[]> {
  const all: RuleView[] = [];
  for (let after: string | null = ''; after !== null; ) {
    const page: Page<RuleView> = await get(`rules?limit=5000${after === '' ? '' : `&after=${encodeURIComponent(after)}`}`);
    all.push(...page.items);
    after = page.next;
  }
  return all;
}

/** Everybody that the configuration knows. */
export async function roster(): Promise<RosterRow[]> {
  const all: RosterRow[] = [];
  let after: string | null = '';
  while (after !== null) {
    const page: Page<RosterRow> = await get(`roster?limit=5000${after === '' ? '' : `&after=${encodeURIComponent(after)}`}`);
    all.push(...page.items);
    after = page.next;
  }
  return all;
}

/** Where the zones lie; the browser asks whether it has changed. */
export const map = (): Promise<SiteMap> => get('map');

/** The history of one rule or, without one, of the whole table, the newest first. */
export const changes = (rule: string | null, limit: number, after: string | null): Promise<Page<JournalEntry<ChangeRecord>>> =>
  get(`rules/${rule === null ? '' : `${encodeURIComponent(rule)}/`}changes?limit=${limit}${after === null ? '' : `&after=${after}`}`);

/** The indicators of the last days. */
export const indicators = async (days: number): Promise<Indicators> => (await get<{ indicators: Indicators }>(`kpi?days=${days}`)).indicators;

/** What is known of a tag in a span of time: at most so many values, or steps. */
export const history = (tag: string, from: number, until: number, points: number): Promise<TagHistory> =>
  get(`tags/${encodeURIComponent(tag)}/history?from=${new Date(from).toISOString()}&until=${new Date(until).toISOString()}&points=${points}`);

/** A page of the journal, the oldest row first. */
export const journal = ({ after, limit, kind }: Asked): Promise<Page<Entry>> =>
  get(`journal?after=${after}&limit=${limit}${kind === null ? '' : `&kind=${kind}`}`);

/** Rows that the receiver of an uplink refused, the oldest first. */
export const parked = (uplink: string, limit: number, after: string | null): Promise<Page<ParkedRow>> =>
  get(`uplinks/${encodeURIComponent(uplink)}/parked?limit=${limit}${after === null ? '' : `&after=${after}`}`);

/** How far an uplink is, lane by lane. */
export const progress = (uplink: string): Promise<UplinkProgress> => get(`uplinks/${encodeURIComponent(uplink)}/progress`);

/** Tries one refused row again, or all. */
export const retryParked = (uplink: string, seq: number | null, by: string) =>
  post(`uplinks/${encodeURIComponent(uplink)}/parked/${seq === null ? '' : `${seq}/`}retry`, { by });

/** The latest messages of a source that could not be used, the newest first. */
export const quarantine = async (source: string): Promise<Quarantined[]> =>
  (await get<{ items: Quarantined[] }>(`sources/${encodeURIComponent(source)}/quarantine`)).items;

/** Where the evidence of a warning is fetched; it comes as a file to be saved. */
export const evidence = (warning: string) => `/api/v1/warnings/${encodeURIComponent(warning)}/evidence`;

const TIMEOUT_MS = 8_000;
/** A backup of a large journal takes minutes. */
const FILE_TIMEOUT_MS = 900_000;

export async function get<T>(path: string, timeoutMs = TIMEOUT_MS): Promise<T> {
  const response = await fetch(`/api/v1/${path}`, { signal: AbortSignal.timeout(timeoutMs) });
  if (!response.ok) throw await refusal(response);
  return (await response.json()) as T;
}

/** A file as text. */
export async function download(path: string): Promise<string> {
  const response = await fetch(`/api/v1/${path}`, { signal: AbortSignal.timeout(TIMEOUT_MS) });
  if (!response.ok) throw await refusal(response);
  return response.text();
}

export async function post(path: string, body: unknown): Promise<void> {
  await asked(path, body);
}

/** A command that gives something back. */
export async function send<T>(path: string, body: unknown, timeoutMs = TIMEOUT_MS): Promise<T> {
  return (await asked(path, body, timeoutMs)).json() as Promise<T>;
}

/** A command that gives a file, with the name that the gateway gives it. */
export async function file(path: string, body: unknown): Promise<{ blob: Blob; name: string }> {
  const response = await asked(path, body, FILE_TIMEOUT_MS);
  const [, name = 'davy'] = /filename="([^"]+)"/.exec(response.headers.get('content-disposition') ?? '') ?? [];
  return { blob: await response.blob(), name };
}

/** A file as it is, with how much of it has gone out, 0 to 1: `fetch` does not tell that. */
export function upload<T>(path: string, body: File, progress: (share: number) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', `/api/v1/${path}`);
    request.setRequestHeader('content-type', 'application/octet-stream');
    request.timeout = FILE_TIMEOUT_MS;
    request.upload.onprogress = ({ loaded, total }) => progress(total === 0 ? 0 : loaded / total);
    request.onerror = request.ontimeout = () => reject(new TypeError('the file could not be sent'));
    request.onload = () => {
      const answer = new Response(request.responseText, { status: request.status, statusText: request.statusText });
      if (answer.ok) resolve(answer.json() as Promise<T>);
      else void refusal(answer).then(reject);
    };
    request.send(body);
  });
}

async function asked(path: string, body: unknown, timeoutMs = TIMEOUT_MS): Promise<Response> {
  const response = await fetch(`/api/v1/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(timeoutMs),
  });
  if (!response.ok) throw await refusal(response);
  return response;
}

/** Who hears of every refusal. */
let hears: (refused: Refused) => void = () => undefined;
export const whenRefused = (hear: typeof hears): void => void (hears = hear);

async function refusal(response: Response): Promise<Refused> {
  const problem = (await response.json().catch(() => ({}))) as Problem;
  const title = problem.title ?? `${response.status} ${response.statusText}`;
  const wait = Number.parseInt(response.headers.get('retry-after') ?? '', 10);
  const refused = new Refused(problem.code ?? '', title, problem.detail ?? title, Number.isNaN(wait) ? null : wait, problem.findings);
  hears(refused);
  return refused;
}

interface Problem {
  code?: string;
  title?: string;
  detail?: string;
  findings?: Finding[];
}
