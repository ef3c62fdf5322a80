import { stringify } from 'yaml';
import { accessRulesOf, type AccessRule } from '../kafka/access-rules.ts';
import { EXIT, TidemarkError } from '../pipeline/error.ts';
import { parsePipelineFile } from '../resource/parse.ts';
import type { Kafka, Pipeline } from '../resource/pipeline.ts';
import { readPipelineFile } from './pipeline-file.ts';
import { plainTable } from './plain-table.ts';
import { accessNeeds } from './pipeline-topics.ts';

/** What `tidemark acls` prints. Throws a TidemarkError or a PipelineFileError. */
export async function acls(
  file: string,
  { json, strimzi, cluster }: { json?: true; strimzi?: true; cluster?: string },
): Promise<string> {
  const pipeline = parsePipelineFile(await readPipelineFile(file), { fileName: file });
  const rules = accessRulesOf(accessNeeds(pipeline));
  const user = userOf(pipeline.kafka);
  if (json) return `${JSON.stringify({ user: user ?? null, rules }, null, 2)}\n`;
  if (strimzi) return stringify(kafkaUser(pipeline, rules, user, cluster), { lineWidth: 0 });
  return plainTable(
    ['RESOURCE', 'NAME', 'PATTERN', 'OPERATION', 'FOR'],
    rules.map(({ resource, name, pattern, operation, why }) => [resource, name, pattern, operation, why]),
  );
}

/** The name that Kafka knows the pipeline by, without `User:`; undefined where the file does not tell it. */
function userOf(kafka: Kafka | undefined): string | undefined {
  const sasl = kafka?.sasl;
  if (sasl?.mechanism === 'oauthbearer') return sasl.clientId;
  if (sasl !== undefined && sasl.mechanism !== 'aws-msk-iam') return sasl.username;
  const certificate = kafka?.tls?.certificateSecretRef;
  return certificate && `CN=${certificate.name}`;
}

/** https://strimzi.io/docs/operators/latest/configuring#type-KafkaUser-reference */
function kafkaUser(
  { name, kafka }: Pipeline,
  rules: readonly AccessRule[],
  user: string | undefined,
  clusterFlag: string | undefined,
): object {
  const cluster = clusterFlag ?? (kafka?.brokers.kind === 'cluster' ? kafka.brokers.name : undefined);
  if (cluster === undefined) {
    throw new TidemarkError(
      'ACLS_USAGE',
      'a KafkaUser belongs to a Strimzi cluster, and the pipeline names none',
      'Give --cluster NAME, or set spec.kafka.cluster.',
      { exitCode: EXIT.usage },
    );
  }
  return {
    apiVersion: 'kafka.strimzi.io/v1',
    kind: 'KafkaUser',
    metadata: { name: user?.replace(/^CN=/, '') ?? name, labels: { 'strimzi.io/cluster': cluster } },
    spec: {
      authentication: { type: kafka?.sasl?.mechanism === 'scram-sha-512' ? 'scram-sha-512' : 'tls' },
      authorization: {
        type: 'simple',
        acls: rules.map(({ resource, name: of, pattern, operation }) => ({
          resource: {
            type: resource,
            name: of,
            patternType: pattern === 'literal' ? 'literal' : 'prefix',
          },
          operations: [operation],
        })),
      },
    },
  };
}
