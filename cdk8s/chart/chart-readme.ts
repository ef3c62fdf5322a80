import { valueTexts, type ValueText } from './values-files.ts';

/** The README of the chart, with its table of values. */
export const CHART_README = `# The Helm chart of Tidemark

Installs the operator, which runs every \`MovingAverage\` of the cluster. Made by \`npm run synth\` from \`cdk8s/\`; edit that, not this.

\`\`\`sh
helm install tidemark charts/tidemark --namespace tidemark --create-namespace --set image=registry.example/tidemark:0.1.0
kubectl apply -f examples/stocks.yaml
\`\`\`

The operator runs the pipelines of all namespaces, or with \`watchNamespaces\` those of some, where alone it has rights then ([what it may do](../../docs/security.md#the-operators-rights)):

\`\`\`yaml
watchNamespaces: [trading, research] # they must exist
externalMetrics: false # with the next line nothing of the release is of the whole cluster
installCrd: false
\`\`\`

The names of its objects are fixed, so there is one release per cluster, or several of which each watches namespaces of its own. Of several, one alone may have \`externalMetrics\`, and one alone \`installCrd\`; see [operations](../../docs/operations.md#some-namespaces-alone).

The CustomResourceDefinition is among the templates, so that \`helm upgrade\` brings a new one (Helm never upgrades what lies in \`crds/\`). It carries \`helm.sh/resource-policy: keep\`: \`helm uninstall\` leaves it, and with it all pipelines. With \`installCrd: false\` it is applied by hand, from \`dist/manifests/crd.yaml\`.

## Values

| value | meaning | default |
| --- | --- | --- |
${valueTexts().map(row).join('\n')}

\`values.schema.json\` refuses everything else.

\`aggregators\` holds for the pods of all pipelines:

\`\`\`yaml
aggregators:
  imagePullSecrets: [{ name: registry }] # in the pipelines' namespaces; if left out, the imagePullSecrets above
  resources: { requests: { cpu: '1', memory: 512Mi }, limits: { memory: 1Gi } }
  serviceAccountAnnotations: { eks.amazonaws.com/role-arn: arn:aws:iam::111122223333:role/tidemark-aggregator }
  topologySpread: zones-required # or preferred
  logLevel: debug
  kafkaPorts: [9094] # where brokers advertise other ports than bootstrapServers has
\`\`\`
`;

function row({ name, description, default: value }: ValueText): string {
  return `| \`${name}\` | ${description} | \`${JSON.stringify(value)}\` |`;
}
