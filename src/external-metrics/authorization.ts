import type { User } from './front-proxy.ts';
import type { Attributes } from './request.ts';

/** The API server's word on whether someone may do something. */
export interface Verdict {
  readonly allowed: boolean;
  readonly reason?: string;
}

/** Asks the API server, by a SubjectAccessReview. Rejects where it does not answer. */
export type Review = (spec: User & Attributes) => Promise<Verdict>;

/**
 * Rights of those who ask, as the API server sees them (delegated authorization). A verdict is kept for a moment: an
 * autoscaler asks the same every 15 s. What fails is not kept, and those who ask the same at once wait for one review.
 */
export class Authorization {
  readonly #review: Review;
  readonly #nowMs: () => number;
  readonly #kept = new Map<string, { readonly verdict: Promise<Verdict>; untilMs: number }>();

  constructor(review: Review, nowMs: () => number) {
    this.#review = review;
    this.#nowMs = nowMs;
  }

  /** Rejects where no verdict can be had. */
  async verdict(user: User, attributes: Attributes): Promise<Verdict> {
    if (user.groups.includes(ALWAYS_ALLOWED)) return { allowed: true };
    const key = JSON.stringify([user, attributes]);
    const kept = this.#kept.get(key);
    return kept !== undefined && this.#nowMs() < kept.untilMs
      ? kept.verdict
      : this.#ask(key, user, attributes);
  }

  #ask(key: string, user: User, attributes: Attributes): Promise<Verdict> {
    this.#makeRoom();
    const verdict = this.#review({ ...user, ...attributes });
    const entry = { verdict, untilMs: this.#nowMs() + ALLOWED_MS };
    this.#kept.delete(key); // so that the oldest stays the first
    this.#kept.set(key, entry);
    verdict.then(
      ({ allowed }) => {
        entry.untilMs = this.#nowMs() + (allowed ? ALLOWED_MS : DENIED_MS);
      },
      () => {
        if (this.#kept.get(key) === entry) this.#kept.delete(key);
      },
    );
    return verdict;
  }

  #makeRoom(): void {
    if (this.#kept.size < MOST_KEPT) return;
    const [oldest] = this.#kept.keys();
    this.#kept.delete(oldest);
  }
}

/** May do everything on any API server, without being asked about: so it has its word even while reviews fail. */
const ALWAYS_ALLOWED = 'system:masters';
const ALLOWED_MS = 30_000;
const DENIED_MS = 5_000;
const MOST_KEPT = 1_000;
