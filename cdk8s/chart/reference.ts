import { operatorValues, type OperatorValues } from '../operator/operator-values.ts';

/*
 * A reference stands for a value of a Helm chart while objects are made, and becomes a template expression when they
 * are written. It passes for a value of any type, as long as nobody looks into it.
 */

const OPEN = '<<';
const CLOSE = '>>';
const AS_TEXT = ' | toJson';
const COMMA_SEPARATED = ' | join ","';

/** References to all values of the chart, in the place of the values. */
export function valueReferences(): OperatorValues {
  const names = Object.keys(operatorValues.shape);
  return Object.fromEntries(
    names.map((name) => [name, reference(`.Values.${name}`)]),
  ) as unknown as OperatorValues;
}

export const NAMESPACE_REFERENCE = reference('.Release.Namespace');

/** Inside of a part that is written for each of several: the one. */
export const EACH_REFERENCE = reference('.');

/** A value as JSON inside of a text, keys in order as Go writes them. */
export function jsonText(value: unknown): string {
  const path = referencedPath(value);
  if (path !== undefined) return reference(`${path}${AS_TEXT}`);
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}

/** `a,b` of texts without commas. */
export function commaSeparated(texts: readonly string[]): string {
  const path = referencedPath(texts);
  return path === undefined ? texts.join(',') : reference(`${path}${COMMA_SEPARATED}`);
}

/** `.Values.image` of a reference to it; undefined for anything else. */
export function referencedPath(value: unknown): string | undefined {
  if (typeof value !== 'string' || !value.startsWith(OPEN) || !value.endsWith(CLOSE)) return undefined;
  return value.slice(OPEN.length, -CLOSE.length);
}

/**
 * YAML with references as a template. A value is written as JSON, which is YAML too: no indents, no quotes to heed.
 * Inside of a `range` the root is `$`, for `.` is what it has come to.
 */
export function asTemplate(yaml: string, root: '' | '$' = ''): string {
  // What is a template already is another's, such as Prometheus': Helm is to hand it on.
  const template = yaml
    .replaceAll('{{', '{{ "{{" }}')
    .replaceAll(
      /(: |- )["']?<<(.*?)>>["']?$/gm,
      (_whole, before: string, path: string) =>
        `${before}{{ ${path === '.' ? path : `${root}${path}`} | toJson }}`,
    );
  if (template.includes(OPEN)) throw new Error(`A reference is not a whole value: ${template}`);
  return template;
}

function reference(path: string): string {
  return `${OPEN}${path}${CLOSE}`;
}
