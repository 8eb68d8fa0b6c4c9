// Shows the built page without a gateway: `npm run fixture -- worst 8090`. It serves `dist`, a stream that moves a little each
// second, and the commands with their refusals. For development and pictures only; the product has no part of it.

import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as access from './fixture/access.mjs';
import { stir } from './fixture/busy.mjs';
import { certificates, decide } from './fixture/certificates.mjs';
import * as commissioning from './fixture/commissioning.mjs';
import { indicators } from './fixture/indicators.mjs';
import * as config from './fixture/config.mjs';
import * as past from './fixture/past.mjs';
import { changes, rules } from './fixture/rules.mjs';
import { scene, SCENES } from './fixture/scenes.mjs';
import { map, roster } from './fixture/site.mjs';
import { certificate, lastBackup, log, progress, resources, updates } from './fixture/system.mjs';

const DIST = fileURLToPath(new URL('../dist/', import.meta.url));
const DOCUMENT = fileURLToPath(new URL('../../docs/schemas/openapi.json', import.meta.url));
const PLAN = fileURLToPath(new URL('../../edge/plant/src/configuration/plan.png', import.meta.url));
const TYPES = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml' };
/** What the gateway says with every answer. */
const POLICY = "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
const BEAT_MS = 1_000;
/** Alarms that change in a second of the scene `busy`. */
const RUSH = 50;
const BODY_MAX = 16_384;
const OPEN = ['unacknowledged', 'returned_unacknowledged', 'latched_unacknowledged'];
const ACKNOWLEDGED = { unacknowledged: 'acknowledged', latched_unacknowledged: 'latched_acknowledged' };

class Refusal extends Error {
  constructor(status, code, title, detail) {
    super(detail);
    this.body = { type: `urn:davy:problem:${code}`, status, code, title, detail };
  }
}
const missing = (what) => new Refusal(404, 'not_found', 'There is no such open object', `${what} is not open`);
const conflict = (detail) => new Refusal(409, 'conflict', 'The object cannot do that now', detail);
const invalid = (detail) => new Refusal(422, 'invalid', 'The command is not complete or not right', detail);

/** Starts it; `port` 0 takes a free one. Who is at the page can be changed by the `entry` of what it gives. */
export async function start(name = 'gas', port = 0, entry = 'demo') {
  const who = { entry };
  const people = access.lists(Date.now());
  const site = scene(name, Date.now());
  const field = { trusted: false, loops: commissioning.loops(site) };
  Object.assign(site.system, { disk: { written_bytes: 9_300_000_000, written_bytes_a_day: 1_950_000_000 }, certificate: name === 'empty' ? null : certificate(Date.now()), last_backup: name === 'calm' ? null : lastBackup(Date.now()) });
  const shelf = certificates(name, Date.now());
  const journal = past.journal(site, Date.now());
  const parked = past.parked(Date.now());
  site.system.journal.head = journal.at(-1)?.seq ?? 0;
  const clients = new Set();
  const say = (event, data) => clients.forEach((client) => client.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`));
  const greet = (client) => {
    clients.add(client);
    client.write('retry: 1000\n\n');
    for (const [event, data] of Object.entries(site)) client.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
    client.write(`event: beat\ndata: ${JSON.stringify({ at: new Date().toISOString() })}\n\n`);
    client.on('close', () => clients.delete(client));
  };

  const server = createServer(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url, 'http://localhost');
    try {
      if (await ofAccess(who, people, pathname, request, response)) return;
      if (await ofCommissioning(site, field, pathname, request, response)) return;
      if (pathname === '/api/openapi.json') return response.writeHead(200, { 'content-type': 'application/json' }).end(await readFile(DOCUMENT));
      if (pathname === '/api/v1/stream') {
        response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
        return greet(response);
      }
      if (request.method === 'GET' && pathname.startsWith('/api/v1/rules')) {
        const [, rule] = /^\/api\/v1\/rules\/(?:(.+)\/)?changes$/.exec(pathname) ?? [];
        const items = pathname.endsWith('changes') ? changes(Date.now(), rule ? decodeURIComponent(rule) : null) : rules(site);
        return response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ items, next: null }));
      }
      if (pathname === '/api/v1/map') {
        // One scene without a plan, so that the grid is looked at too.
        const answer = name === 'empty' ? { zones: [], plan: null, cameras: [] } : name === 'calm' ? { ...map(), plan: null } : map();
        return response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
      }
      if (pathname === '/api/v1/roster') return response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ items: roster(site), next: null }));
      if (pathname === '/api/v1/map/plan') return response.writeHead(200, { 'content-type': 'image/png' }).end(await readFile(PLAN));
      if (pathname === '/api/v1/certificates') {
        return response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ items: shelf, next: null }));
      }
      const told = pathname.startsWith('/api/v1/') && request.method === 'GET' ? ofThePast(site, pathname, searchParams, journal, parked) : null;
      if (told) return response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(told));
      if (pathname.endsWith('/retry')) {
        const { by } = await body(request);
        if (!by?.trim()) throw invalid('the name is empty: write one');
        const [, seq] = /parked\/(\d+)\/retry$/.exec(pathname) ?? [];
        parked.forEach((row) => seq && row.seq !== Number(seq) || Object.assign(row, { tries: row.tries + 1 }));
        return response.writeHead(204).end();
      }
      if (pathname === '/api/v1/system/backup' || pathname === '/api/v1/system/support-bundle') {
        const name = pathname.endsWith('backup') ? 'gw-1-20261123T060000Z.tar.zst' : 'gw-1-20261123T060000Z.zip';
        return response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-disposition': `attachment; filename="${name}"` }).end('x');
      }
      if (pathname === '/api/v1/kpi') {
        const answer = { indicators: indicators(site, Number(searchParams.get('days') ?? 7), Date.now()) };
        return response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
      }
      if (pathname.startsWith('/api/v1/certificates/')) {
        decide(shelf, ...pathname.split('/').slice(-2), (await body(request)).by);
        return response.writeHead(204).end();
      }
      if (pathname.startsWith('/api/v1/')) {
        for (const section of command(site, pathname.slice('/api/v1/'.length), await body(request))) say(section, site[section]);
        return response.writeHead(204).end();
      }
      await file(pathname, response);
    } catch (error) {
      if (!(error instanceof Refusal)) return response.writeHead(500).end(String(error));
      response.writeHead(error.body.status, { 'content-type': 'application/problem+json' }).end(JSON.stringify(error.body));
    }
  });
  const beat = setInterval(() => {
    for (const section of move(site)) say(section, site[section]);
    say('beat', { at: new Date().toISOString() });
  }, BEAT_MS);
  await new Promise((resolve) => server.listen(port, '127.0.0.1', resolve));
  const rush = name === 'busy' ? setInterval(() => { stir(site, RUSH / 5); say('alarms', site.alarms); }, 200) : undefined;
  const stop = () => {
    clearInterval(beat);
    clearInterval(rush);
    clients.forEach((client) => client.destroy());
    server.closeAllConnections();
    server.close();
  };
  /** What the gateway does with the streams of a session that is over. */
  const become = (next) => {
    who.entry = next;
    clients.forEach((client) => client.end());
  };
  return { url: `http://127.0.0.1:${server.address().port}/`, stop, become };
}

/** Looks at the field, the point table and the loop check; whether it was one of them. */
async function ofCommissioning(site, field, pathname, request, response) {
  const json = (value) => (response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value)), true);
  const [, what] = /^\/api\/v1\/look\/(\w+)$/.exec(pathname) ?? [];
  if (what) return json(commissioning.look(what, await body(request), field));
  if (pathname === '/api/v1/config/points') return response.writeHead(200, { 'content-type': 'text/csv' }).end(commissioning.points(site)), true;
  if (pathname === '/api/v1/config') return json({ version: site.system.gateway.config_version, folder: 'edited', folder_detail: 'zones.csv differ from what is in force', findings: commissioning.findings });
  if (pathname === '/api/v1/config/files') return json(config.files(site));
  if (pathname.startsWith('/api/v1/config/sources/')) return json(config.source(site));
  if (pathname === '/api/v1/config/check') return json(config.check(await body(request)));
  if (pathname === '/api/v1/config/versions') return json({ items: config.versions(Date.now()), next: null });
  const [, number] = /^\/api\/v1\/config\/versions\/(\d+)$/.exec(pathname) ?? [];
  if (number) return json(config.ofVersion(Number(number)));
  if (/^\/api\/v1\/config\/(apply|rollback)$/.test(pathname)) return json(config.versions(Date.now())[0]);
  if (pathname.startsWith('/api/v1/config/what-if')) {
    if (request.method === 'POST') field.asked = pathname.endsWith('stop') ? 'stopped' : Date.now();
    return json(config.whatIf(Date.now(), field.asked ?? null));
  }
  if (pathname === '/api/v1/loop-check') return json({ items: field.loops, next: null });
  const [, tag] = /^\/api\/v1\/loop-check\/(.+)$/.exec(pathname) ?? [];
  if (tag) {
    const { by, result, points = [], note = '' } = await body(request);
    Object.assign(field.loops.find((row) => row.tag === decodeURIComponent(tag)), { check: { result, points, note, by, at: new Date().toISOString() } });
    return response.writeHead(204).end(), true;
  }
  // The certificate that a look shows is none of the list's.
  if (pathname.endsWith('/trust') && !field.trusted && pathname.includes(commissioning.FINGERPRINT)) return (field.trusted = true), response.writeHead(204).end(), true;
  return false;
}

/** Sessions, users and tokens; whether it was one of them. */
async function ofAccess(who, people, pathname, request, response) {
  const json = (value) => (response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value)), true);
  const refused = (status, code, wait) => {
    const head = { 'content-type': 'application/problem+json', ...(wait && { 'retry-after': String(wait) }) };
    return response.writeHead(status, head).end(JSON.stringify({ status, code, title: code, detail: code })), true;
  };
  const [, group, act] = /^\/api\/v1\/(session|setup|users|tokens)(?:\/.*?([a-z-]+))?$/.exec(pathname) ?? [];
  if (!group) {
    const isCommand = request.method === 'POST' && pathname.startsWith('/api/');
    if (pathname === '/api/v1/stream' && access.session(who.entry).permissions.length === 0) return refused(401, 'log_in');
    return isCommand && who.entry === 'idle' ? refused(403, 'password_again') : false;
  }
  const { password } = request.method === 'POST' ? await body(request) : {};
  if (group === 'users' || group === 'tokens') return act ? (response.writeHead(204).end(), true) : json({ items: people[group], next: null });
  if (password === 'wait') return refused(429, 'locked_out', 30);
  if (password === 'wrong') return refused(401, 'wrong_password');
  if (act === 'log-in' || group === 'setup') who.entry = 'administrator';
  if (act === 'confirm') who.entry = 'operator';
  if (act === 'log-out') who.entry = 'nobody';
  return json(access.session(who.entry));
}

/** Histories, the journal, refused rows and messages that could not be used. */
function ofThePast(site, pathname, query, journal, parked) {
  const [, tag] = /^\/api\/v1\/tags\/(.+)\/history$/.exec(pathname) ?? [];
  if (tag) return past.history(site, decodeURIComponent(tag), Date.parse(query.get('from')), Date.parse(query.get('until')));
  const [, uplink] = /^\/api\/v1\/uplinks\/(.+)\/progress$/.exec(pathname) ?? [];
  if (uplink) return progress(Date.now(), site.uplinks.find((one) => one.uplink === decodeURIComponent(uplink)));
  if (pathname === '/api/v1/system/resources') return resources(Date.now());
  if (pathname === '/api/v1/updates') return updates(site.system.version, Date.now());
  if (pathname === '/api/v1/system/logs') return { items: log(Date.now(), query), next: null };
  if (pathname === '/api/v1/journal') return past.page(journal, Object.fromEntries(query));
  if (pathname.endsWith('/parked')) return { items: parked, next: null };
  return pathname.endsWith('/quarantine') ? { items: past.quarantine(Date.now()) } : null;
}

async function file(pathname, response) {
  const path = normalize(pathname === '/' ? '/index.html' : pathname === '/reference' ? '/reference.html' : pathname);
  const bytes = await readFile(DIST + path).catch(() => null);
  if (bytes === null) return response.writeHead(404).end();
  response.writeHead(200, { 'content-type': TYPES[extname(path)] ?? 'application/octet-stream', 'content-security-policy': POLICY }).end(bytes);
}

async function body(request) {
  let text = '';
  for await (const chunk of request) {
    text += chunk;
    if (text.length > BODY_MAX) throw invalid('the body is too large');
  }
  return JSON.parse(text || '{}');
}

/** Carries a command out on the site; gives the sections that changed. */
function command(site, path, { by, result, note = '', verdict, reason, outputs, seconds }) {
  const [group, ...rest] = path.split('/');
  const action = rest.pop();
  const id = decodeURIComponent(rest.join('/'));
  if (!by?.trim()) throw invalid('the name is empty: write one');
  switch (`${group}/${action}`) {
    case 'alarms/acknowledge': return acknowledge(site, id, by);
    case 'alarms/reset': return (site.alarms = site.alarms.filter((one) => one !== open(site.alarms, id))) && ['alarms'];
    case 'rules/unshelve': case 'rules/return-to-service': return (site.hidden = site.hidden.filter((one) => one.rule !== id)) && ['hidden'];
    case 'rules/shelve': case 'rules/out-of-service': throw conflict(`lives hang on rule ${id}: ${reason}`);
    case 'units/resume': return Object.assign(site.units.find((one) => one.unit === id), { stopped: null }) && ['units'];
    case 'board/test': return testBoard(site, by, outputs, seconds);
    case 'board/end': return endTest(site);
    case 'horn/silence': return silence(site);
    case 'tasks/accept': return Object.assign(open(site.tasks, id), { state: 'accepted', accepted_by: by, accepted_at: new Date().toISOString() }) && ['tasks'];
    case 'tasks/attach': return ['tasks'];
    case 'tasks/finish': return finish(site, open(site.tasks, id), result, note);
    case 'tasks/cancel': return finish(site, open(site.tasks, id), 'cancelled', reason);
    case 'hazards/review': return judge(site, open(site.hazards, id), by, verdict, note);
    default: throw missing(path);
  }
}

function acknowledge(site, id, by) {
  const alarm = open(site.alarms, id);
  if (!OPEN.includes(alarm.state)) throw conflict(`alarm ${id} was acknowledged by ${alarm.acknowledged_by}`);
  const state = ACKNOWLEDGED[alarm.state] ?? 'normal';
  Object.assign(alarm, { state, acknowledged_by: by, acknowledged_at: new Date().toISOString() });
  for (const warning of site.warnings) for (const part of warning.alarms) if (part.id === id) part.state = state;
  site.alarms = site.alarms.filter((one) => one.state !== 'normal');
  const left = site.alarms.some((one) => OPEN.includes(one.state));
  site.annunciation = { ...site.annunciation, horn: site.annunciation.horn && left, pattern: left ? 'flash' : 'steady' };
  return ['alarms', 'warnings', 'annunciation'];
}

/** The lines do what they are asked to and go back by themselves, when the scene is looked at again. */
function testBoard(site, by, outputs, seconds) {
  endTest(site);
  const { panel } = site.system;
  panel.before = panel.outputs.map(({ state }) => state);
  panel.test = { by, outputs: Object.entries(outputs).map(([name, on]) => ({ name, on })), ends_at: new Date(Date.now() + seconds * 1000).toISOString() };
  for (const { name, on } of panel.test.outputs) panel.outputs.find((output) => output.name === name).state = on ? 'on' : 'off';
  return ['system'];
}

function endTest(site) {
  const { panel } = site.system;
  panel.before?.forEach((state, at) => (panel.outputs[at].state = state));
  delete panel.before;
  panel.test = null;
  return ['system'];
}

function silence(site) {
  if (!site.annunciation.horn) throw conflict('the horn is not sounding');
  site.annunciation = { ...site.annunciation, horn: false, silenced_until: new Date(Date.now() + 300_000).toISOString() };
  return ['annunciation'];
}

function finish(site, task, result, note) {
  if (result !== 'normal' && !note.trim()) throw invalid('the note is empty: write one');
  site.tasks = site.tasks.filter((one) => one !== task);
  return ['tasks'];
}

function judge(site, hazard, by, verdict, note) {
  if (!note.trim()) throw invalid('the note is empty: write one');
  Object.assign(hazard, { state: verdict, verdict, note, reviewed_by: by, reviewed_at: new Date().toISOString() });
  site.hazards = site.hazards.filter((one) => ['suspected', 'confirmed'].includes(one.state));
  return ['hazards'];
}

function open(list, id) {
  const found = list.find((one) => one.id === id);
  if (!found) throw missing(id);
  return found;
}

/** A second goes by: values move, sources take them. */
function move(site) {
  const now = new Date().toISOString();
  for (const tag of site.tags) {
    if (tag.severity === 'good') Object.assign(tag, { value: tag.value * (1 + (Math.random() - 0.5) / 200), source_time: now, received_time: now });
  }
  for (const source of site.sources) if (source.up) Object.assign(source, { taken: source.taken + 157, last_received: now });
  for (const uplink of site.uplinks) {
    if (uplink.up) Object.assign(uplink, { last_acknowledged: now });
    else Object.assign(uplink, { head: uplink.head + 3, backlog: uplink.backlog + 3 });
  }
  const { test } = site.system.panel;
  if (test && Date.parse(test.ends_at) <= Date.now()) endTest(site);
  if (site.demo) site.demo.second = (site.demo.second + 1) % site.demo.cycle_seconds;
  return ['tags', 'sources', 'uplinks', ...(test ? ['system'] : []), ...(site.demo ? ['demo'] : [])];
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [name = 'gas', port = '8090'] = process.argv.slice(2);
  if (!SCENES.includes(name)) {
    process.stderr.write(`scene ${name} is not known: use one of ${SCENES.join(', ')}\n`);
    process.exit(2);
  }
  const { url } = await start(name, Number(port));
  process.stdout.write(`${url}\n`);
}
