/** A schema as lines that can be read one after the other, references followed. Pure, and bounded: what lies deeper is a link. */

import { nameOf, type Document, type Schema } from './document.ts';

export interface Field {
  /** Its place, unique among the lines. */
  key: string;
  depth: number;
  /** Empty for one of several forms. */
  name: string;
  type: string;
  required: boolean;
  words: string;
  /** `≥ 1`, `≤ 5000`, `default 100`. */
  bounds: string;
  /** The values that it may have, where they are few and named. */
  values: readonly { value: string; words: string }[];
  /** The schema that it is, where that has a name. */
  schema: string | null;
}

export const DEPTH_MAX = 4;
export const LINES_MAX = 250;

/** A schema without what stands around it: no list, no "or null", no reference. */
interface Core {
  schema: Schema;
  /** The last name on the way. */
  name: string | null;
}

interface Walk {
  document: Document;
  lines: Field[];
}

/** What is in a schema. */
export function fields(document: Document, schema: Schema): Field[] {
  const lines: Field[] = [];
  below({ document, lines }, coreOf(document, schema), 0, '', []);
  return lines;
}

function below(walk: Walk, { schema, name }: Core, depth: number, key: string, trail: readonly string[]): void {
  if (depth > DEPTH_MAX || (name !== null && trail.includes(name))) return;
  const names = name === null ? trail : [...trail, name];
  for (const [child, inner] of Object.entries(schema.properties ?? {})) line(walk, child, inner, schema.required?.includes(child) ?? false, depth, key, names);
  if (typeof schema.additionalProperties === 'object') line(walk, '*', schema.additionalProperties, false, depth, key, names);
  schema.prefixItems?.forEach((inner, at) => line(walk, `[${at}]`, inner, true, depth, key, names));
  const forms = formsOf(schema).filter((form) => hasBelow(walk.document, form));
  if (forms.length > 0 && !isNullable(schema)) forms.forEach((form, at) => line(walk, '', form, false, depth, `${key}|${at}`, names));
}

function line(walk: Walk, name: string, schema: Schema, required: boolean, depth: number, above: string, trail: readonly string[]): void {
  if (walk.lines.length >= LINES_MAX) return;
  const core = coreOf(walk.document, schema);
  const key = `${above}/${name}`;
  walk.lines.push({
    key, depth, name, required, type: name === '' ? formOf(walk.document, schema) : typeOf(walk.document, schema),
    words: schema.description ?? core.schema.description ?? '', bounds: boundsOf(schema, core.schema), values: valuesOf(core.schema), schema: core.name,
  });
  below(walk, core, depth + 1, key, trail);
}

function coreOf(document: Document, schema: Schema, name: string | null = null): Core {
  if (schema.$ref !== undefined) {
    const next = nameOf(schema.$ref);
    const core = coreOf(document, document.components.schemas[next] ?? {}, next);
    return schema.properties ? { ...core, schema: withMore(core.schema, schema) } : core;
  }
  if (schema.items) return coreOf(document, schema.items, name);
  const [only, ...others] = formsOf(schema);
  return only && others.length === 0 && isNullable(schema) ? coreOf(document, only, name) : { schema, name };
}

/** With the properties that stand beside a reference. */
const withMore = (schema: Schema, { properties, required = [] }: Schema): Schema => ({
  ...schema, properties: { ...schema.properties, ...properties }, required: [...(schema.required ?? []), ...required],
});

/** The forms that it may have, "or null" left out. */
const formsOf = (schema: Schema): Schema[] => [...(schema.oneOf ?? []), ...(schema.anyOf ?? [])].filter((form) => form.type !== 'null');
const isNullable = (schema: Schema): boolean => [...(schema.oneOf ?? []), ...(schema.anyOf ?? [])].some((form) => form.type === 'null');

function hasBelow(document: Document, schema: Schema): boolean {
  const { schema: core } = coreOf(document, schema);
  return core.properties !== undefined || formsOf(core).length > 0 || typeof core.additionalProperties === 'object';
}

/** What a form is told by: the fields that have one value. */
function formOf(document: Document, schema: Schema): string {
  const { properties = {} } = coreOf(document, schema).schema;
  const signs = Object.entries(properties).filter(([, { const: value }]) => value !== undefined);
  return signs.length > 0 ? signs.map(([name, { const: value }]) => `${name} = ${JSON.stringify(value)}`).join(', ') : typeOf(document, schema);
}

/** `string`, `integer | null`, `AlarmRecord[]`. */
export function typeOf(document: Document, schema: Schema): string {
  if (schema.$ref !== undefined) return nameOf(schema.$ref);
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.oneOf || schema.anyOf) {
    const types = new Set([...(schema.oneOf ?? []), ...(schema.anyOf ?? [])].map((form) => (isValue(form) ? String(form.type ?? 'string') : typeOf(document, form))));
    return [...types].join(' | ');
  }
  if (schema.items) return `${typeOf(document, schema.items)}[]`;
  const words = typeof schema.type === 'string' ? schema.type : (schema.type ?? ['any']).join(' | ');
  return schema.format === undefined ? words : `${words} (${schema.format})`;
}

const isValue = (schema: Schema): boolean => schema.const !== undefined || schema.enum !== undefined;

function valuesOf(schema: Schema): { value: string; words: string }[] {
  const own = (schema.enum ?? []).filter((value) => value !== null).map((value) => ({ value: String(value), words: '' }));
  const ofForms = formsOf(schema).filter(isValue).flatMap((form) =>
    form.const === undefined ? valuesOf(form) : [{ value: String(form.const), words: form.description ?? '' }]);
  return [...own, ...ofForms];
}

function boundsOf(outer: Schema, core: Schema): string {
  const { minimum, maximum, minLength, maxLength, minItems, maxItems, minProperties } = { ...core, ...outer };
  const fallback = outer.default ?? core.default;
  const said = [
    minimum !== undefined && `≥ ${minimum}`, maximum !== undefined && `≤ ${maximum}`, minLength !== undefined && `length ≥ ${minLength}`,
    maxLength !== undefined && `length ≤ ${maxLength}`, minItems !== undefined && `items ≥ ${minItems}`, maxItems !== undefined && `items ≤ ${maxItems}`,
    minProperties !== undefined && `fields ≥ ${minProperties}`, fallback !== undefined && fallback !== null && `default ${JSON.stringify(fallback)}`,
  ];
  return said.filter((one) => one !== false).join(', ');
}
