/** The same request on a command line. Pure. */

import type { Operation } from './document.ts';

/** A line to be copied; the token stands in a variable of the shell, and never in its history. */
export function curl({ method, path, credentials, parameters, body, answers }: Operation, origin: string): string {
  const place = path.replace(/\{(\w+)\}/g, (_, name: string) => name.toUpperCase());
  const asked = parameters.filter(({ in: place_, required }) => place_ === 'query' && required).map(({ name }) => `${name}=${name.toUpperCase()}`);
  const parts = [`curl ${method === 'GET' ? '' : `-X ${method} `}${quoted(`${origin}${place}${asked.length > 0 ? `?${asked.join('&')}` : ''}`)}`];
  if (credentials.includes('token')) parts.push('-H "Authorization: Bearer $DAVY_TOKEN"');
  else if (credentials.includes('session')) parts.push('-b "davy_session=$DAVY_SESSION"');
  if (body) parts.push("-H 'Content-Type: application/json'", `-d ${quoted(JSON.stringify(body.example ?? {}))}`);
  const media = answers[0]?.media ?? '';
  if (media === 'text/event-stream') parts.push('-N');
  if (/^(application\/(zip|zstd)|image\/)/.test(media)) parts.push('-OJ');
  return parts.join(' \\\n  ');
}

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
