import * as k8s from 'cdk8s-plus-27/lib/imports/k8s.js';

/** To any resolver: that of the cluster, or one on the node itself, which no label selects. */
export function dnsEgress(): k8s.NetworkPolicyEgressRule {
  const port = k8s.IntOrString.fromNumber(53);
  return {
    ports: [
      { protocol: 'UDP', port },
      { protocol: 'TCP', port },
    ],
  };
}

export function tcp(port: number): k8s.NetworkPolicyPort {
  return { protocol: 'TCP', port: k8s.IntOrString.fromNumber(port) };
}
