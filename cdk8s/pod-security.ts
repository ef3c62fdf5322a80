import type * as k8s from 'cdk8s-plus-27/lib/imports/k8s.js';

/** The user of our image; nothing on the machine has this number. */
export const IMAGE_USER = 65_532;

/** The "restricted" Pod Security Standard for a pod that runs as `user`. */
export function restrictedPod(user: number): k8s.PodSecurityContext {
  return {
    runAsNonRoot: true,
    runAsUser: user,
    runAsGroup: user,
    fsGroup: user,
    seccompProfile: { type: 'RuntimeDefault' },
  };
}

/** The same for a container, with a file system that it can't write to. */
export const RESTRICTED_CONTAINER: k8s.SecurityContext = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ['ALL'] },
};
