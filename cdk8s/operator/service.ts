import { ApiObject } from 'cdk8s';
import type { Construct } from 'constructs';
import { OPERATOR_HTTP_PORT, OPERATOR_NAME, OPERATOR_SELECTOR } from './operator-names.ts';

/** Health and metrics under a name. */
export function addOperatorService(scope: Construct): void {
  new ApiObject(scope, 'service', {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: OPERATOR_NAME },
    spec: {
      selector: OPERATOR_SELECTOR,
      ports: [{ name: 'http', port: OPERATOR_HTTP_PORT, targetPort: 'http', protocol: 'TCP' }],
    },
  });
}
