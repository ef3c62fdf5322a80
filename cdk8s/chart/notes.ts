/** What Helm says after an installation; a template. */
export const NOTES = `Tidemark's operator is installed in the namespace {{ .Release.Namespace }}.

  kubectl --namespace {{ .Release.Namespace }} rollout status deployment tidemark-operator
  kubectl explain movingaverage.spec
  kubectl get movingaverages --all-namespaces

A pipeline is a MovingAverage: kubectl apply -f stocks.yaml
{{- with .Values.watchNamespaces }}

The operator looks at these namespaces alone: {{ join ", " . }}
{{- end }}
{{- if not .Values.installCrd }}

The CustomResourceDefinition is not part of this release; apply it before the first pipeline.
{{- end }}
`;
