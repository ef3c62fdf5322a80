import type { ApiClient } from '../kube/api-client.ts';
import type { Review, Verdict } from './authorization.ts';

/** Asks the API server whether someone may do something. Rejects with an ApiError. */
export function reviewAccess(client: ApiClient): Review {
  return async (spec) => {
    const review = (await client.send({
      method: 'POST',
      path: '/apis/authorization.k8s.io/v1/subjectaccessreviews',
      body: { apiVersion: 'authorization.k8s.io/v1', kind: 'SubjectAccessReview', spec },
      timeoutMs: 5_000,
    })) as { status: Verdict };
    return review.status;
  };
}
