#!/usr/bin/env bash
# Prints the link flags that tell Kubernetes' own packages their version.
# Without them, kubeadm and the clients take themselves for version 0.0.
#
# Usage: kubernetes-version-flags.sh v1.37.2
set -euo pipefail

version=$1
IFS=. read -r major minor _ <<<"${version#v}"

for package in k8s.io/component-base/version k8s.io/client-go/pkg/version; do
    printf -- '-X %s.gitVersion=%s ' "$package" "$version"
    printf -- '-X %s.gitMajor=%s -X %s.gitMinor=%s ' "$package" "$major" "$package" "$minor"
    printf -- '-X %s.gitTreeState=clean ' "$package"
done
echo
