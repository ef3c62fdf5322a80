// Fetches a Kafka broker for the tests: the jars through Maven into ~/.cache/tidemark/kafka-<version>, and an empty
// formatted log directory for each of three nodes, which a test copies instead of waiting for a JVM to format one.
// Prints the cache folder. Runs on any Node >= 20 and imports nothing but Node itself.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { moveIntoPlace } from './into-place.mjs';
import { commandPath } from './system-command.mjs';

const KAFKA = '4.3.1';
const CLUSTER_ID = 'MkU3OEVBNTcwNTJENDM2Qg';
const JARS = [
  ['org.apache.kafka', 'kafka_2.13', KAFKA],
  ['org.apache.kafka', 'kafka-tools', KAFKA],
  ['org.apache.logging.log4j', 'log4j-core', '2.25.4'],
  ['org.apache.logging.log4j', 'log4j-slf4j-impl', '2.25.4'],
];

const caches = join(homedir(), '.cache', 'tidemark');
const cache = join(caches, `kafka-${KAFKA}`);
const java = commandPath('java', 'openjdk-17-jre-headless');

if (!existsSync(cache)) fetchBroker();
process.stdout.write(`${cache}\n`);

/** Builds the cache beside its place and moves it there whole: another test run may do the same right now. */
function fetchBroker() {
  process.stderr.write(`Fetching Kafka ${KAFKA} for the tests, once (about 60 MB) ...\n`);
  mkdirSync(caches, { recursive: true });
  const draft = mkdtempSync(join(caches, 'kafka-draft-'));
  try {
    fetchJars(draft);
    for (const nodeId of [1, 2, 3]) format(draft, nodeId);
    moveIntoPlace(draft, cache);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

function fetchJars(folder) {
  const dependencies = JARS.map(
    ([group, artifact, version]) =>
      `<dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${version}</version></dependency>`,
  );
  writeFileSync(
    join(folder, 'pom.xml'),
    `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>tidemark</groupId><artifactId>test-broker</artifactId><version>1</version>
<dependencies>${dependencies.join('\n')}</dependencies></project>\n`,
  );
  const copy = ['dependency:copy-dependencies', '-DincludeScope=runtime', '-DoutputDirectory=lib'];
  run(commandPath('mvn', 'maven'), ['-q', '-B', ...copy], folder);
}

function format(folder, nodeId) {
  const logDir = join(folder, 'formatted', String(nodeId));
  mkdirSync(logDir, { recursive: true });
  const config = join(folder, 'format.properties');
  writeFileSync(
    config,
    [
      'process.roles=broker,controller',
      `node.id=${nodeId}`,
      'controller.quorum.voters=1@127.0.0.1:1,2@127.0.0.1:2,3@127.0.0.1:3',
      `listeners=PLAINTEXT://127.0.0.1:9,CONTROLLER://127.0.0.1:${nodeId}`,
      'controller.listener.names=CONTROLLER',
      'listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
      `log.dirs=${logDir}`,
    ].join('\n'),
  );
  const jars = readdirSync(join(folder, 'lib')).map((jar) => join(folder, 'lib', jar));
  run(java, [
    '-cp',
    jars.join(delimiter),
    'kafka.tools.StorageTool',
    'format',
    '-t',
    CLUSTER_ID,
    '-c',
    config,
  ]);
}

function run(command, args, cwd) {
  const ended = spawnSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  if (ended.status === 0) return;
  const why = ended.error?.message ?? `ended with ${ended.signal ?? ended.status}`;
  process.stderr.write(`${ended.stdout ?? ''}${ended.stderr ?? ''}`);
  process.stderr.write(`Setting up Kafka for the tests failed: ${command} ${args[0]} ${why}.\n`);
  process.exit(1);
}
