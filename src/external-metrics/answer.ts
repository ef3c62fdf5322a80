/** What a request is answered with. */
export interface Answer {
  readonly status: number;
  /** JSON, or a text as it is. */
  readonly body: object | string;
}

/**
 * A refusal as Kubernetes words it (metav1.Status): its clients show the message, and the autoscaler repeats it in its
 * condition.
 */
export function refusal(code: keyof typeof REASONS, message: string): Answer {
  return {
    status: code,
    body: {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message,
      reason: REASONS[code],
      code,
    },
  };
}

/** By the code of HTTP, as apimachinery pairs them. */
const REASONS = {
  400: 'BadRequest',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  405: 'MethodNotAllowed',
  406: 'NotAcceptable',
  500: 'InternalError',
  503: 'ServiceUnavailable',
} as const;
