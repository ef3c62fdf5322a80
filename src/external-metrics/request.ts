import { METRICS_API } from './metrics-api.ts';

/** What is asked for, by the path. */
export type Wanted =
  | { readonly kind: 'health' }
  | { readonly kind: 'discovery' }
  | {
      readonly kind: 'metric';
      readonly namespace: string;
      readonly metric: string;
      /** As it came, not parsed. */
      readonly labelSelector: string;
      readonly isWatch: boolean;
    }
  | { readonly kind: 'unknown' };

/** What a right is needed for, as a SubjectAccessReview has it. */
export type Attributes =
  | {
      readonly resourceAttributes: {
        readonly group: string;
        readonly version: string;
        readonly resource: string;
        readonly namespace: string;
        readonly verb: string;
      };
    }
  | { readonly nonResourceAttributes: { readonly path: string; readonly verb: string } };

/** Undefined where the URL cannot be read. */
export function wantedBy(url: string): Wanted | undefined {
  const [path, query = ''] = split(url);
  if (HEALTH.includes(path)) return { kind: 'health' };
  if (path === `/apis/${METRICS_API.group}/${METRICS_API.version}`) return { kind: 'discovery' };
  const [, namespace, metric] = (METRIC_PATH.exec(path) ?? []) as (string | undefined)[];
  if (namespace === undefined || metric === undefined) return { kind: 'unknown' };
  const parameters = new URLSearchParams(query);
  try {
    return {
      kind: 'metric',
      namespace: decodeURIComponent(namespace),
      metric: decodeURIComponent(metric),
      labelSelector: parameters.get('labelSelector') ?? '',
      isWatch: ['true', '1'].includes(parameters.get('watch') ?? ''),
    };
  } catch {
    return undefined; // a percent sign that begins nothing
  }
}

/** The right that it takes; the API server has asked for the same one before it passed the request on. */
export function attributesOf(wanted: Wanted, url: string): Attributes {
  if (wanted.kind !== 'metric') return { nonResourceAttributes: { path: split(url)[0], verb: 'get' } };
  const { namespace, metric, isWatch } = wanted;
  return {
    resourceAttributes: { ...METRICS_API, resource: metric, namespace, verb: isWatch ? 'watch' : 'list' },
  };
}

function split(url: string): [string, string?] {
  const at = url.indexOf('?');
  return at < 0 ? [url] : [url.slice(0, at), url.slice(at + 1)];
}

const HEALTH = ['/healthz', '/livez', '/readyz'];
const METRIC_PATH = new RegExp(
  `^/apis/${METRICS_API.group.replaceAll('.', '\\.')}/${METRICS_API.version}/namespaces/([^/]+)/([^/]+)/?$`,
);
