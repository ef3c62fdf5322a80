import type { JobCommand } from './job.ts';
import { peers, type PeerAim } from './peers.ts';
import { tidemarkJob } from './tidemark-job.ts';
import type { Precision } from './verify-results.ts';
import type { WindowedJob } from './windowed-job.ts';

/** One of the systems that a benchmark runs in turns. */
export interface Contender {
  readonly name: string;
  /** A short form of the name, for flags, topics and groups. */
  readonly id: string;
  readonly isPeer: boolean;
  readonly precision: Precision;
  /** How it is ended: ours in order, so that a bad end shows; the peers at once. */
  readonly end: 'SIGTERM' | 'SIGKILL';
  readonly command: (job: WindowedJob) => JobCommand;
}

const PEER_IDS = ['kafka-streams', 'flink'];
const IDS = ['tidemark', ...PEER_IDS];

/** The flag that names contenders, for `benchmarkFlags` and its help. */
export const JOBS_FLAG = { jobs: { type: 'string', default: 'tidemark' } } as const;
export const JOBS_HELP = `  --jobs LIST       of ${IDS.join(', ')}, or all; tidemark if left out. The others need a JDK 17 and Maven`;

/** What `--jobs` says. Ends the process with 2 where it names none. */
export function jobIds(list: string): string[] {
  const ids = list === 'all' ? IDS : list.split(',');
  const unknown = ids.filter((id) => !IDS.includes(id));
  if (unknown.length === 0) return ids;
  console.error(`--jobs is to be a list of ${IDS.join(', ')}, or all; it has ${unknown.join(', ')}`);
  process.exit(2);
}

/** The contenders of these ids. Peers are built where they are not yet. */
export function contenders(
  ids: readonly string[],
  aim: PeerAim,
  redisUrl: string,
  profileFolder = '',
): Contender[] {
  const ours: Contender = {
    name: 'Tidemark',
    id: 'tidemark',
    isPeer: false,
    precision: 'exact',
    end: 'SIGTERM',
    command: (job) => tidemarkJob(job, redisUrl, { profileFolder }),
  };
  const others = ids.some((id) => PEER_IDS.includes(id)) ? peers() : [];
  const all = [
    ours,
    ...others.map(({ name, id, command }): Contender => ({
      name,
      id,
      isPeer: true,
      precision: 'drift',
      end: 'SIGKILL',
      command: (job) => command(job, aim),
    })),
  ];
  return all.filter(({ id }) => ids.includes(id));
}
