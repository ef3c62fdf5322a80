import type { JobCommand } from './job.ts';
import { peers, type PeerAim } from './peers.ts';
import { tidemarkJob } from './tidemark-job.ts';
import type { Precision } from './verify-results.ts';
import type { WindowedJob } from './windowed-job.ts';

/** One of the systems that a benchmark runs in turns. */
export interface Contender {
  readonly name: string;
  /** A short form of the name, for topics and groups. */
  readonly id: string;
  readonly precision: Precision;
  /** How it is ended: ours in order, so that a bad end shows; the peers at once. */
  readonly end: 'SIGTERM' | 'SIGKILL';
  readonly command: (job: WindowedJob) => JobCommand;
}

/** Tidemark, and the peers unless they are left out. */
export function contenders(
  aim: PeerAim,
  redisUrl: string,
  { withPeers, profileFolder = '' }: { readonly withPeers: boolean; readonly profileFolder?: string },
): Contender[] {
  const ours: Contender = {
    name: 'Tidemark',
    id: 'tidemark',
    precision: 'exact',
    end: 'SIGTERM',
    command: (job) => tidemarkJob(job, redisUrl, { profileFolder }),
  };
  if (!withPeers) return [ours];
  const others = peers().map((peer): Contender => ({
    name: peer.name,
    id: peer.name.toLowerCase().replaceAll(/[^a-z]+/g, '-'),
    precision: 'drift',
    end: 'SIGKILL',
    command: (job) => peer.command(job, aim),
  }));
  return [ours, ...others];
}
