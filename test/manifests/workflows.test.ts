import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parse, parseAllDocuments } from 'yaml';
import { parsePipelineFile } from '../../src/resource/parse.ts';
import { manifests } from '../../cdk8s/manifests.ts';
import { yamlText } from '../../cdk8s/yaml-text.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { PROJECT } from '../support/tidemark.ts';

interface Step {
  readonly name?: string;
  readonly uses?: string;
  readonly run?: string;
  readonly env?: Readonly<Record<string, string>>;
}

interface Job {
  readonly uses?: string;
  readonly steps?: readonly Step[];
  readonly permissions?: Readonly<Record<string, string>>;
  readonly 'timeout-minutes'?: number;
}

interface Workflow {
  readonly permissions?: object;
  readonly concurrency?: { readonly group: string };
  readonly jobs: Readonly<Record<string, Job>>;
}

const folder = temporaryFolder();
const FOLDER = join(PROJECT, '.github/workflows');
const FILES = readdirSync(FOLDER);

function workflow(file: string): { text: string; parsed: Workflow; steps: Step[] } {
  const text = readFileSync(join(FOLDER, file), 'utf8');
  const parsed = parse(text) as Workflow;
  return { text, parsed, steps: Object.values(parsed.jobs).flatMap(({ steps = [] }) => steps) };
}

test('there are workflows for tests, a cluster, the image and releases', () => {
  expect(FILES.sort()).toEqual(['ci.yml', 'e2e.yml', 'image.yml', 'release.yml']);
});

describe.each(FILES)('%s', (file) => {
  const { text, parsed, steps } = workflow(file);
  const scripts = steps.map(({ run = '' }) => run).join('\n');

  test('calls only npm scripts and files of the project that there are', () => {
    const { scripts: known } = JSON.parse(readFileSync(join(PROJECT, 'package.json'), 'utf8')) as {
      scripts: Record<string, string>;
    };
    const called = [...scripts.matchAll(/npm (?:run (?:-s )?)?([\w:-]+)/g)]
      .map(([, name]) => name)
      .filter((name) => !['ci', 'audit'].includes(name));
    expect(called.filter((name) => !(name in known))).toEqual([]);
    const paths = [...scripts.matchAll(/(?:^|[\s=])((?:scripts|test|charts|examples)\/[\w./-]+)/g)].map(
      ([, path]) => path,
    );
    expect(paths.filter((path) => !existsSync(join(PROJECT, path)))).toEqual([]);
    const local = [...text.matchAll(/uses: \.\/(\S+)/g)].map(([, path]) => path);
    expect(local.filter((path) => !existsSync(join(PROJECT, path)))).toEqual([]);
  });

  test('runs actions of others by commit alone, with the version beside it', () => {
    const foreign = text.split('\n').filter((line) => /\buses: (?!\.\/)/.test(line));
    for (const line of foreign) expect(line).toMatch(/uses: [\w-]+\/[\w./-]+@[0-9a-f]{40} # v\d+(\.\d+)*$/);
  });

  test('may do nothing that a job does not ask for, and every job ends in time', () => {
    expect(parsed.permissions).toEqual({});
    expect(parsed.concurrency?.group).toContain('github.ref');
    const jobs = Object.values(parsed.jobs);
    expect(jobs.filter(({ permissions }) => permissions === undefined)).toEqual([]);
    const endless = jobs.filter((job) => job.uses === undefined && !((job['timeout-minutes'] ?? 0) > 0));
    expect(endless).toEqual([]);
  });

  test('takes no text of a pull request into a script', () => {
    expect(scripts).not.toMatch(/\$\{\{\s*github\.(event|head_ref|ref_name)/);
  });
});

test.each([
  ['suite', false],
  ['provider', true],
])('the tests of the job %s get all that they read from the environment', (job, isOfProviders) => {
  const tests = readdirSync(join(PROJECT, 'test/e2e'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && name.startsWith('providers') === isOfProviders)
    .map((name) => readFileSync(join(PROJECT, 'test/e2e', name), 'utf8'))
    .join('\n');
  const needed = new Set(
    [...tests.matchAll(/\b(TIDEMARK_E2E_[A-Z]+|KUBECONFIG)\b/g)].map(([, name]) => name),
  );
  const { parsed } = workflow('e2e.yml');
  const { steps = [] } = parsed.jobs[job];
  const given = steps.flatMap(({ env = {}, run = '' }) => [
    ...Object.keys(env),
    ...[...run.matchAll(/echo "([A-Z_0-9]+)=.*GITHUB_ENV/g)].map(([, name]) => name),
  ]);
  expect(given).toEqual(expect.arrayContaining([...needed]));
});

test.each([
  ['what a release publishes', /^ *(sed -i .*dist\/manifests\/\*\.yaml)$/m, '.github/workflows/release.yml'],
  ['what a reader applies', /^(sed -i .*dist\/manifests\/\*\.yaml)$/m, 'docs/operations.md'],
  ['what a reader applies on EKS', /^(sed -i .*dist\/manifests\/eks\.yaml)$/m, 'docs/eks.md'],
])('%s names the pushed image for the operator and for the aggregators', (_title, command, file) => {
  const [, sed] = command.exec(readFileSync(join(PROJECT, file), 'utf8')) ?? [];
  mkdirSync(join(folder, 'dist/manifests'), { recursive: true });
  for (const [name, objects] of Object.entries(manifests()))
    writeFileSync(join(folder, 'dist/manifests', name), yamlText(objects));
  const { version } = JSON.parse(readFileSync(join(PROJECT, 'package.json'), 'utf8')) as { version: string };
  const registry = 'registry.example';
  const env = { ...process.env, VERSION: version, owner: 'owner', REGISTRY: registry };
  execFileSync('sh', ['-e', '-c', sed], { cwd: folder, env });
  const changed = file.includes('eks') ? 'eks.yaml' : 'operator.yaml';
  const images = readFileSync(join(folder, 'dist/manifests', changed), 'utf8').match(/\S*\btidemark:\d.*$/gm);
  expect(images).toHaveLength(2);
  expect(images?.[0]).toMatch(/^(registry\.example|ghcr\.io\/owner)\/tidemark:\d/);
  expect(images?.[1]).toBe(images?.[0]);
});

test('what is fed to the pipeline of the development manifests is in its own topics and format', () => {
  const objects = parseAllDocuments(readFileSync(join(PROJECT, 'test/e2e/kind/feed.yaml'), 'utf8')).map(
    (document) => document.toJS() as { kind: string; data?: Record<string, string> },
  );
  expect(objects.map(({ kind }) => kind)).toEqual(['KafkaUser', 'ConfigMap', 'Deployment', 'Job']);
  const file = objects[1].data?.['pipeline.yaml'] ?? '';
  expect(parsePipelineFile(file, { fileName: 'feed.yaml' })).toMatchObject({
    input: { source: { topic: 'stocks' }, format: 'csv' },
    output: { destination: { topic: 'stocks_averages' } },
  });
});
