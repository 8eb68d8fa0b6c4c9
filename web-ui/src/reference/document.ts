/** An OpenAPI document as far as the reference shows it, and its operations one by one. Pure. */

export interface Schema {
  $ref?: string;
  type?: string | readonly string[];
  format?: string;
  const?: unknown;
  default?: unknown;
  enum?: readonly unknown[];
  description?: string;
  properties?: Readonly<Record<string, Schema>>;
  required?: readonly string[];
  additionalProperties?: Schema | boolean;
  items?: Schema;
  prefixItems?: readonly Schema[];
  oneOf?: readonly Schema[];
  anyOf?: readonly Schema[];
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  minItems?: number;
  maxItems?: number;
  minProperties?: number;
}

export interface Content {
  schema?: Schema;
  example?: unknown;
}

export interface Parameter {
  name: string;
  in: string;
  required?: boolean;
  description?: string;
  schema: Schema;
}

interface Said {
  summary: string;
  description: string;
  tags?: readonly string[];
  security?: readonly Readonly<Record<string, unknown>>[];
  parameters?: readonly Parameter[];
  requestBody?: { content: Readonly<Record<string, Content>> };
  responses: Readonly<Record<string, { description: string; content?: Readonly<Record<string, Content>> }>>;
}

export interface Document {
  info: { title: string; version: string; description: string };
  tags?: readonly { name: string; description: string }[];
  paths: Readonly<Record<string, Readonly<Record<string, Said>>>>;
  components: { schemas: Readonly<Record<string, Schema>> };
}

/** An answer, of one media type where it has one. */
export interface Answer {
  status: string;
  description: string;
  media: string | null;
  content: Content;
}

/** A way in which an operation may be refused. */
export interface Problem {
  status: string;
  codes: readonly string[];
}

export interface Operation {
  /** `GET /api/v1/tags`, as the address of this page has it. */
  id: string;
  method: string;
  path: string;
  group: string;
  summary: string;
  /** Who may. */
  needs: string;
  /** The permission; null where none is needed. */
  permission: string | null;
  /** Which of the ways to say who one is are taken. */
  credentials: readonly string[];
  parameters: readonly Parameter[];
  body: Content | null;
  answers: readonly Answer[];
  problems: readonly Problem[];
}

const PROBLEM = 'application/problem+json';

export const operations = (document: Document): Operation[] =>
  Object.entries(document.paths).flatMap(([path, methods]) => Object.entries(methods).map(([method, said]) => operation(path, method.toUpperCase(), said)));

function operation(path: string, method: string, said: Said): Operation {
  const responses = Object.entries(said.responses);
  return {
    id: `${method} ${path}`, method, path, group: said.tags?.[0] ?? '', summary: said.summary, needs: said.description,
    permission: /^Needs `(\w+)`/.exec(said.description)?.[1] ?? null,
    credentials: (said.security ?? []).flatMap(Object.keys),
    parameters: said.parameters ?? [],
    body: said.requestBody?.content['application/json'] ?? null,
    answers: responses.filter(([, { content }]) => !content?.[PROBLEM]).flatMap(([status, { description, content }]) => answers(status, description, content)),
    problems: responses.filter(([status, { content }]) => status !== 'default' && content?.[PROBLEM]).map(([status, { description }]) => ({ status, codes: description.split(', ') })),
  };
}

function answers(status: string, description: string, content: Readonly<Record<string, Content>> | undefined): Answer[] {
  const all = Object.entries(content ?? {});
  return all.length === 0 ? [{ status, description, media: null, content: {} }] : all.map(([media, one]) => ({ status, description, media, content: one }));
}

/** By group, in the order of the document. */
export function grouped(document: Document, shown: readonly Operation[]): { name: string; description: string; operations: Operation[] }[] {
  const named = document.tags ?? [];
  return named.map((tag) => ({ ...tag, operations: shown.filter(({ group }) => group === tag.name) })).filter((group) => group.operations.length > 0);
}

/** Those that have every word of a search, in what they are called, need, take or give. */
export function found(all: readonly Operation[], search: string): Operation[] {
  const words = search.toLowerCase().split(/\s+/).filter((word) => word !== '');
  return all.filter((one) => words.every((word) => textOf(one).includes(word)));
}

function textOf({ id, summary, group, permission, parameters, body, answers, problems }: Operation): string {
  const schemas = JSON.stringify([body?.schema, answers.map(({ content }) => content.schema)]);
  return [id, summary, group, permission, ...parameters.map(({ name }) => name), ...problems.flatMap(({ codes }) => codes), schemas].join(' ').toLowerCase();
}

const REFERENCE = '#/components/schemas/';
/** The name of the schema that a reference leads to. */
export const nameOf = (reference: string): string => (reference.startsWith(REFERENCE) ? reference.slice(REFERENCE.length) : reference);

/** Which operations take or give a schema, by itself or as the rows of a page. */
export function usedBy(all: readonly Operation[], name: string): Operation[] {
  const sign = `"${REFERENCE}${name}"`;
  return all.filter(({ body, answers }) => JSON.stringify([body?.schema, answers.map(({ content }) => content.schema)]).includes(sign));
}
