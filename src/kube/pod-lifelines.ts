import { get } from 'node:http';
import type { KubeObject } from '../operator/kube-object.ts';

export interface PodLifelinesOptions {
  /** The process of the pod has ended, or has to be taken to have. Told once for each process. */
  readonly onDeath: (pod: KubeObject) => void;
}

/**
 * Tells of the death of an aggregator's process within milliseconds. To each running pod a connection is kept open on
 * which the pod says nothing; the kernel closes it with the process, however that ended, and then refuses another. The
 * kubelet looks once a second, and its word comes through the API server. A pod that cannot be reached, or a node that
 * falls silent, shows nothing here: no answer is no proof.
 */
export class PodLifelines {
  readonly #options: PodLifelinesOptions;
  /** By the pod's uid. */
  readonly #lifelines = new Map<string, Lifeline>();

  constructor(options: PodLifelinesOptions) {
    this.#options = options;
  }

  /**
   * A pod came, changed or went. The process of one that is deleted by force outlives it: the kubelet asks it to end as
   * any other, and kills it 2 s later. Until then it is held on to, and is left to hand over in order.
   */
  see(pod: KubeObject, isGone: boolean): void {
    const { uid = '' } = pod.metadata;
    const lifeline = this.#lifelines.get(uid);
    if (isGone) {
      if (lifeline === undefined) this.#options.onDeath(pod);
      else lifeline.podIsGone();
      return;
    }
    const address = addressOf(pod);
    if (lifeline !== undefined || address === undefined) return;
    const onEnd = (): void => {
      this.#lifelines.delete(uid);
    };
    this.#lifelines.set(uid, new Lifeline(pod, address, this.#options.onDeath, onEnd));
  }

  /** Names of the pods whose processes are held on to. */
  get held(): string[] {
    return [...this.#lifelines.values()].filter(({ isHeld }) => isHeld).map(({ pod }) => pod.metadata.name);
  }

  close(): void {
    for (const lifeline of this.#lifelines.values()) lifeline.end();
  }
}

class Lifeline {
  readonly pod: KubeObject;
  readonly #address: Address;
  readonly #onDeath: (pod: KubeObject) => void;
  readonly #onEnd: () => void;
  readonly #ending = new AbortController();
  isHeld = false;
  #wasHeld = false;
  #isTold = false;
  #knocksLeft = 0;
  #isGone = false;
  #retry: NodeJS.Timeout | undefined;
  #patience: NodeJS.Timeout | undefined;

  constructor(pod: KubeObject, address: Address, onDeath: (pod: KubeObject) => void, onEnd: () => void) {
    this.pod = pod;
    this.#address = address;
    this.#onDeath = onDeath;
    this.#onEnd = onEnd;
    this.#open();
  }

  podIsGone(): void {
    this.#isGone = true;
    if (this.#isTold) this.end();
    else if (!this.#wasHeld) this.#isTakenForDead();
    else
      this.#patience = setTimeout(() => {
        this.#isTakenForDead();
      }, OUTLIVES_MS);
  }

  end(): void {
    clearTimeout(this.#retry);
    clearTimeout(this.#patience);
    this.#ending.abort();
    this.#onEnd();
  }

  #isTakenForDead(): void {
    this.end();
    this.#onDeath(this.pod);
  }

  #open(): void {
    const { signal } = this.#ending;
    let isOver = false;
    const over = (error?: Error): void => {
      if (isOver || signal.aborted) return;
      isOver = true;
      if (this.isHeld) this.#hasBroken();
      else this.#isNotHeld(error);
    };
    const request = get({ ...this.#address, path: '/lifeline', agent: false, signal }, (response) => {
      request.setTimeout(0);
      this.isHeld = response.statusCode === 200;
      this.#wasHeld ||= this.isHeld;
      if (this.isHeld) this.#isTold = false; // its container has started again
      response.resume().once('error', over).once('close', over);
    });
    request.setTimeout(CONNECT_WITHIN_MS, () => request.destroy(new Error('no answer in time')));
    request.once('error', over);
  }

  #hasBroken(): void {
    this.isHeld = false;
    this.#knocksLeft = KNOCKS;
    this.#retry = setTimeout(() => {
      this.#open();
    }, KNOCK_AGAIN_MS);
  }

  /**
   * After one that was held, a refusal is the proof that its process is no more. While the kernel clears away what the
   * process had open, a connection may also be reset.
   */
  #isNotHeld(error: Error | undefined): void {
    const isRefused = (error as NodeJS.ErrnoException | undefined)?.code === 'ECONNREFUSED';
    const isDead = this.#wasHeld && isRefused;
    const mayBeDying = this.#wasHeld && !isRefused && this.#knocksLeft-- > 0;
    if (isDead && this.#isGone) this.#isTakenForDead();
    else {
      if (isDead) {
        this.#wasHeld = false;
        this.#isTold = true;
        this.#onDeath(this.pod);
      }
      this.#retry = setTimeout(
        () => {
          this.#open();
        },
        mayBeDying ? KNOCK_AGAIN_MS : AGAIN_MS, // its container may start again
      );
    }
  }
}

interface Address {
  readonly host: string;
  readonly port: number;
}

/** Where a running pod serves probes; undefined while it has no address or runs nothing. */
function addressOf({ spec, status }: KubeObject): Address | undefined {
  const { phase, podIP } = (status ?? {}) as { phase?: string; podIP?: string };
  const { containers = [] } = spec as {
    containers?: { ports?: { name?: string; containerPort: number }[] }[];
  };
  const port = containers
    .flatMap(({ ports = [] }) => ports)
    .find(({ name }) => name === 'http')?.containerPort;
  return phase === 'Running' && podIP !== undefined && port !== undefined ? { host: podIP, port } : undefined;
}

const CONNECT_WITHIN_MS = 3_000;
const AGAIN_MS = 1_000;
const KNOCK_AGAIN_MS = 20;
const KNOCKS = 20;
/** How long the process of a pod that is gone may go on; longer where its node has fallen silent. */
const OUTLIVES_MS = 3_000;
