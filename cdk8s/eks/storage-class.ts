import * as k8s from 'cdk8s-plus-27/lib/imports/k8s.js';
import type { Construct } from 'constructs';

/** Encrypted gp3 volumes of the EBS CSI driver, made in the zone of the pod that mounts them. */
export function addGp3StorageClass(scope: Construct, name: string): void {
  new k8s.KubeStorageClass(scope, 'gp3', {
    metadata: { name },
    provisioner: 'ebs.csi.aws.com',
    parameters: { type: 'gp3', encrypted: 'true' },
    volumeBindingMode: 'WaitForFirstConsumer',
    allowVolumeExpansion: true,
    reclaimPolicy: 'Retain',
  });
}
