import { ApiObject } from 'cdk8s';
import type { Construct } from 'constructs';
import { ALERTS } from './alerts.ts';
import { OPERATOR_NAME } from './operator-names.ts';

/** Alerts about the operator and about all pipelines, for the Prometheus operator. */
export function addAlerts(scope: Construct): void {
  new ApiObject(scope, 'alerts', {
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'PrometheusRule',
    metadata: { name: OPERATOR_NAME },
    spec: { groups: [ALERT_GROUP] },
  });
}

/** As a rule file of Prometheus has it, too. */
export const ALERT_GROUP = {
  name: 'tidemark',
  rules: ALERTS.map(({ name, severity, expr, for: since, summary, description }) => ({
    alert: name,
    expr,
    for: since,
    labels: { severity },
    annotations: { summary, description },
  })),
};
