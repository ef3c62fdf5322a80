import { pino } from 'pino';
import { findAccess, refuseUnwritableId } from '../kafka/access-check.ts';
import { accessRulesOf, ruleInWords, type AccessRule } from '../kafka/access-rules.ts';
import { knock } from '../kafka/first-knock.ts';
import { kafkaClient, type KafkaConnection } from '../kafka/kafka-client.ts';
import { accessDenied, kafkaTrouble, topicsMissing } from '../kafka/kafka-trouble.ts';
import { nameOf, type RedisWire } from '../redis/redis-client.ts';
import { tryRedis } from '../redis/try-redis.ts';
import { parsePipelineFile } from '../resource/parse.ts';
import type { Pipeline } from '../resource/pipeline.ts';
import { secretRefs } from '../resource/secret-refs.ts';
import { registryFindings } from './check-registry.ts';
import { kafkaConnection, redisWire } from './connections.ts';
import { bad, good, type Finding } from './finding.ts';
import { readPipelineFile } from './pipeline-file.ts';
import { accessNeeds } from './pipeline-topics.ts';
import { SecretFolder } from './secret-folder.ts';

/**
 * What `tidemark check` prints, and whether nothing is wrong. One thing that fails does not keep the others from being
 * looked at, unless they depend on it. Throws a PipelineFileError or a TidemarkError for a file that cannot be used.
 */
export async function check(file: string, asJson: boolean): Promise<{ text: string; isSound: boolean }> {
  const pipeline = parsePipelineFile(await readPipelineFile(file), { fileName: file });
  const findings: Finding[] = [good('pipeline file', `${pipeline.name}: no mistakes`)];
  findings.push(...secretFindings(pipeline));
  if (findings.every(({ ok }) => ok)) {
    findings.push(...(await kafkaFindings(pipeline)));
    findings.push(...(await registryFindings(pipeline)));
    findings.push(...(await redisFindings(pipeline)));
  }
  const isSound = findings.every(({ ok }) => ok);
  const text = asJson ? `${JSON.stringify({ ok: isSound, findings }, null, 2)}\n` : asLines(findings);
  return { text, isSound };
}

function secretFindings(pipeline: Pipeline): Finding[] {
  const secrets = new SecretFolder();
  return secretRefs(pipeline).map((ref) => {
    const subject = `Secret ${ref.name}, key ${ref.key}`;
    return found(subject, () => {
      secrets.read(ref);
      return `can be read, for ${ref.place}`;
    });
  });
}

async function kafkaFindings(pipeline: Pipeline): Promise<Finding[]> {
  const connection = kafkaConnection(pipeline.kafka);
  const answers = await Promise.all(
    connection.brokers.map((address) => brokerFinding(connection, address, 'answers')),
  );
  // One that answers is enough to go on.
  if (!answers.some(({ ok }) => ok)) return answers;
  return [...answers, ...(await accessFindings(pipeline, connection))];
}

async function brokerFinding(connection: KafkaConnection, address: string, what: string): Promise<Finding> {
  const trouble = await knock(connection, address);
  return trouble === undefined ? good(`broker ${address}`, what) : bad(`broker ${address}`, trouble);
}

async function accessFindings(pipeline: Pipeline, connection: KafkaConnection): Promise<Finding[]> {
  const logger = pino({ level: 'silent' });
  const kafka = kafkaClient({ ...connection, clientId: 'tidemark-check', logger, retries: 2 });
  const rules = accessRulesOf(accessNeeds(pipeline));
  try {
    const { lacking, missingTopics, standing } = await findAccess(kafka, rules);
    const others = standing.brokers.filter((address) => !connection.brokers.includes(address));
    const nodes = await Promise.all(others.map((address) => brokerFinding(connection, address, 'answers')));
    const topics = standing.topics.filter(({ state }) => state === 'there');
    return [
      good('Kafka login', loginOf(pipeline)),
      ...nodes,
      ...topics.map(({ topic, partitions }) => good(`topic ${topic}`, `has ${partitions} partitions`)),
      ...missingTopics.map((topic) => bad(`topic ${topic}`, topicsMissing([topic]))),
      ...rules
        .filter((rule) => rule.resource !== 'transactionalId')
        .filter((rule) => !missingTopics.includes(rule.name) || rule.resource !== 'topic')
        .map((rule) => rightFinding(rule, lacking.includes(rule))),
      ...(await transactionalIdFindings(kafka, rules, lacking, connection)),
    ];
  } catch (error) {
    return [bad('Kafka', kafkaTrouble(error, connection, rules))];
  }
}

function rightFinding(rule: AccessRule, isLacking: boolean): Finding {
  const subject = `right: ${ruleInWords(rule)}`;
  return isLacking ? bad(subject, accessDenied([rule])) : good(subject, 'granted');
}

/** Only a producer that begins learns whether it may; this one has an id that no aggregator has. */
async function transactionalIdFindings(
  kafka: Parameters<typeof findAccess>[0],
  rules: readonly AccessRule[],
  lacking: readonly AccessRule[],
  connection: KafkaConnection,
): Promise<Finding[]> {
  return Promise.all(
    rules
      .filter((rule) => rule.resource === 'transactionalId')
      .map(async (rule) => {
        if (lacking.includes(rule)) return rightFinding(rule, true);
        try {
          await refuseUnwritableId(kafka, `${rule.name}check`);
          return rightFinding(rule, false);
        } catch (error) {
          return bad(`right: ${ruleInWords(rule)}`, kafkaTrouble(error, connection, [rule]));
        }
      }),
  );
}

function loginOf({ kafka }: Pipeline): string {
  const { sasl, tls } = kafka ?? {};
  const encrypted = tls === undefined ? 'without TLS' : 'over TLS';
  if (sasl !== undefined) return `accepted, by ${sasl.mechanism} ${encrypted}`;
  return tls?.certificateSecretRef === undefined ? `none, ${encrypted}` : 'accepted, by certificate';
}

async function redisFindings(pipeline: Pipeline): Promise<Finding[]> {
  const wire = redisWire(pipeline.redis);
  if (wire === undefined)
    return [good('Redis', 'none is named: a partition that moves is read again from Kafka')];
  const subject = `Redis ${nameOf(wire.place)}`;
  try {
    await tryRedis(wire, pipeline.name);
    return [good(subject, describe(wire))];
  } catch (error) {
    return [bad(subject, error)];
  }
}

function describe({ tls }: RedisWire): string {
  return `answers, takes and gives back a checkpoint${tls === undefined ? '' : ', over TLS'}`;
}

function found(subject: string, look: () => string): Finding {
  try {
    return good(subject, look());
  } catch (error) {
    return bad(subject, error);
  }
}

function asLines(findings: readonly Finding[]): string {
  return findings
    .map(({ subject, ok, message, remedy }) =>
      ok ? `✓ ${subject}: ${message}\n` : `✗ ${subject}: ${message}\n    ${remedy ?? ''}\n`,
    )
    .join('');
}
