import { TidemarkError } from '../pipeline/error.ts';

/** Answers to a change that do not end by themselves: it is not valid, or not allowed, or its kind is not there. */
const REFUSALS: ReadonlySet<number> = new Set([400, 403, 404, 422]);

/**
 * The API server has refused a request, or could not be asked (status 0). Its code is KUBE_REFUSED where asking again
 * will not help by itself, else KUBE_API.
 */
export class ApiError extends TidemarkError {
  /** Of HTTP; 0 where there was no answer. */
  readonly status: number;
  /** As the API server calls it: `Conflict`, `Expired`, `Invalid`, ... */
  readonly reason: string;
  /** How long the server wants to be left alone. */
  readonly retryAfterMs: number | undefined;

  constructor(
    what: string,
    answer: { status: number; reason: string; message: string; retryAfterMs?: number | undefined },
    cause?: unknown,
  ) {
    super(
      REFUSALS.has(answer.status) ? 'KUBE_REFUSED' : 'KUBE_API',
      `${what}: ${answer.message}`,
      remedyFor(answer.status),
      cause === undefined ? {} : { cause },
    );
    this.name = 'ApiError';
    this.status = answer.status;
    this.reason = answer.reason;
    this.retryAfterMs = answer.retryAfterMs;
  }
}

export function hasStatus(error: unknown, ...statuses: readonly number[]): boolean {
  return error instanceof ApiError && statuses.includes(error.status);
}

/** The error for an answer of the API server, whose body is a `Status` or the text of a proxy between. */
export function apiErrorOf(
  what: string,
  status: number,
  retryAfter: string | undefined,
  body: string,
): ApiError {
  const told = statusIn(body);
  return new ApiError(what, {
    status,
    reason: told.reason ?? `HTTP ${status}`,
    message: told.message ?? `the API server answered ${status}`,
    retryAfterMs: retryAfterMs(retryAfter, told.details?.retryAfterSeconds),
  });
}

interface ToldStatus {
  readonly reason?: string;
  readonly message?: string;
  readonly details?: { readonly retryAfterSeconds?: number };
}

function statusIn(body: string): ToldStatus {
  try {
    const parsed: unknown = JSON.parse(body);
    return typeof parsed === 'object' && parsed !== null ? parsed : {};
  } catch {
    return {}; // no JSON: a proxy between has answered
  }
}

function retryAfterMs(header: string | undefined, seconds: number | undefined): number | undefined {
  if (header !== undefined && /^\d+$/.test(header)) return Number(header) * 1000;
  return seconds === undefined ? undefined : seconds * 1000;
}

function remedyFor(status: number): string {
  if (status === 401) return 'The token or certificate is not valid (any more); see the service account.';
  if (status === 403)
    return "Grant the verb to the operator's role, as its manifest does: in that namespace, or in all.";
  if (status === 409) return 'Another has changed the object in between; it is tried again.';
  if (status === 422) return 'The object does not fit its schema: is the CRD as new as the operator?';
  return 'It is tried again.';
}
