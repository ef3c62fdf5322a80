import { valueTexts, type ValueText } from './values-files.ts';

/** The README of the chart, with its table of values. */
export const CHART_README = `# The Helm chart of Tidemark

Installs the operator, which runs every \`MovingAverage\` of the cluster. Made by \`npm run synth\` from \`cdk8s/\`; edit that, not this.

\`\`\`sh
helm install tidemark charts/tidemark --namespace tidemark --create-namespace --set image=registry.example/tidemark:0.1.0
kubectl apply -f examples/stocks.yaml
\`\`\`

One release per cluster: the operator sees all namespaces, and the names of its objects are fixed.

The CustomResourceDefinition is among the templates, so that \`helm upgrade\` brings a new one (Helm never upgrades what lies in \`crds/\`). It carries \`helm.sh/resource-policy: keep\`: \`helm uninstall\` leaves it, and with it all pipelines. With \`installCrd: false\` it is applied by hand, from \`dist/manifests/crd.yaml\`.

## Values

| value | meaning | default |
| --- | --- | --- |
${valueTexts().map(row).join('\n')}

\`values.schema.json\` refuses everything else.

\`aggregators\` holds for the pods of all pipelines:

\`\`\`yaml
aggregators:
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
