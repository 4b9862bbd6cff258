// The tables of each Kubernetes release, read from that release's own packages.
// What is required differs by release, so it stands in releases/<minor>.mod,
// which generate.sh names with -modfile; Go wants this file all the same.
module kuberlock.dev/testbed/release-tables

go 1.24.0
