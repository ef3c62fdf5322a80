import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { JobCommand } from './job.ts';
import type { WindowedJob } from './windowed-job.ts';

/** What a peer is tuned for: to work off a backlog, or to show a result soon. */
export type PeerAim = 'throughput' | 'latency';

/** A peer: another system that does the same job, exactly once. */
export interface Peer {
  readonly name: string;
  readonly id: string;
  readonly command: (job: WindowedJob, aim: PeerAim) => JobCommand;
}

/** The peers of bench/peers, built with Maven on first use into ~/.cache/tidemark. Needs a JDK 17 and Maven. */
export function peers(): Peer[] {
  const built = build();
  return [
    {
      name: 'Kafka Streams 4.3.1',
      id: 'kafka-streams',
      command: (job, aim) => java(built, 'kafka-streams', 'KafkaStreamsJob', job, aim),
    },
    {
      name: 'Flink 2.3.0 DataStream',
      id: 'flink',
      command: (job, aim) => java(built, 'flink', 'FlinkJob', job, aim),
    },
  ];
}

function java(built: string, module: string, mainClass: string, job: WindowedJob, aim: PeerAim): JobCommand {
  const target = join(built, module, 'target');
  const jars = readdirSync(join(target, 'lib')).map((jar) => join(target, 'lib', jar));
  const opened = ['java.util', 'java.lang', 'java.time'].flatMap((name) => [
    '--add-opens',
    `java.base/${name}=ALL-UNNAMED`,
  ]);
  return {
    command: 'java',
    args: [
      ...['-Xmx1g', '-XX:+UseParallelGC', ...opened, '-Dorg.slf4j.simpleLogger.defaultLogLevel=error'],
      ...[
        '-cp',
        [join(target, `${module}-1.jar`), ...jars].join(delimiter),
        `dev.tidemark.bench.${mainClass}`,
      ],
      ...[job.brokers.join(','), job.name, job.input, job.output],
      ...[String(job.sizeMs), String(job.slideMs), String(job.delayMs), aim],
    ],
  };
}

/** Builds beside the place and moves it there whole. The name holds a digest of the sources, so that a change builds anew. */
function build(): string {
  const sources = fileURLToPath(new URL('../peers', import.meta.url));
  const caches = join(homedir(), '.cache', 'tidemark');
  const built = join(caches, `peers-${digest(sources)}`);
  if (existsSync(built)) return built;
  console.error('building Kafka Streams and Flink jobs with Maven, once (about 200 MB) ...');
  mkdirSync(caches, { recursive: true });
  const draft = mkdtempSync(join(caches, 'peers-draft-'));
  try {
    cpSync(sources, draft, { recursive: true });
    const copyJars = [
      'dependency:copy-dependencies',
      '-DincludeScope=runtime',
      '-DoutputDirectory=target/lib',
    ];
    const maven = spawnSync('mvn', ['-q', '-B', 'package', ...copyJars], { cwd: draft, encoding: 'utf8' });
    if (maven.status !== 0)
      throw new Error(
        `The peers could not be built; a JDK 17 and Maven are needed.\n${maven.error?.message ?? maven.stdout}`,
      );
    if (!existsSync(built)) renameSync(draft, built);
    return built;
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

function digest(folder: string): string {
  const hash = createHash('sha256');
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()) {
    const path = join(folder, name);
    if (statSync(path).isFile()) hash.update(name).update('\0').update(readFileSync(path)).update('\0');
  }
  return hash.digest('hex').slice(0, 16);
}
