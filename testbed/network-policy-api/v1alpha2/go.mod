// The definitions of the policy kinds of version v1alpha2, read from their own module.
module kuberlock.dev/testbed/network-policy-api/v1alpha2

go 1.25.0

require sigs.k8s.io/network-policy-api v0.2.0
