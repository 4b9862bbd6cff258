#!/bin/sh
# Takes a snapshot of every node: one bounded pod on each, whose log is the snapshot.
#
# Usage: scan-nodes.sh IMAGE [FILE [SELECTOR]]
#
# Enters: the nodes of kubectl's current context that SELECTOR means (all with Linux); IMAGE, built by
#         Containerfile. Leaves: FILE (nodes.txt) with all snapshots as text, for
#         `kuberlock scan --snapshot FILE`; no Job. Holds: FILE is written whole or not at all; a node
#         without a snapshot is named on standard error and makes the exit code 3.
#
# KUBECTL is the program that is called. Whoever runs this may create namespaces and Jobs, list nodes,
# and read the logs of pods of the namespace `kuberlock`.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
kubectl=${KUBECTL:-kubectl}
image=${1:?usage: scan-nodes.sh IMAGE [FILE [SELECTOR]]}
file=${2:-nodes.txt}
selector=${3:-kubernetes.io/os=linux}
run=$(date -u +%Y%m%dt%H%M%Sz)-$$
mine=kuberlock.dev/run=$run

say() { echo "scan-nodes: $*" >&2; }

end() {
    rm -f -- "$file.partial"
    "$kubectl" delete jobs --namespace kuberlock --selector "$mine" --wait=false >/dev/null || true
}

# One line a Job: its node, and the conditions that hold.
jobs() {
    "$kubectl" get jobs --namespace kuberlock --selector "$mine" --output jsonpath='{range .items[*]}{.metadata.annotations.kuberlock\.dev/node} {.status.conditions[?(@.status=="True")].type}{"\n"}{end}'
}

# What may stand in a node's or an image's name is harmless in sed and in YAML.
case $image in *[!A-Za-z0-9._/:@-]*) say "\`$image\` is no image"; exit 2 ;; esac

"$kubectl" apply --filename "$here/scan-namespace.yaml" >/dev/null
nodes=$("$kubectl" get nodes --selector "$selector" --output jsonpath='{range .items[*]}{.metadata.name}{"\n"}{end}')
[ -n "$nodes" ] || { say "no node has \`$selector\`"; exit 2; }
trap end EXIT
trap 'exit 130' INT TERM
for node in $nodes; do
    echo ---
    sed -e "s|__NODE__|$node|g" -e "s|__IMAGE__|$image|g" -e "s|__RUN__|$run|g" "$here/scan-job.yaml"
done | "$kubectl" create --filename - >/dev/null

# Every Job ends by itself, by its deadline at the latest; a server that does not answer is asked again.
ended() { state=$(jobs) && ! echo "$state" | grep -qvE ' (.* )?(Complete|Failed)( |$)'; }
left=240
until ended; do
    left=$((left - 1))
    [ "$left" -gt 0 ] || { say "the Jobs do not end"; exit 3; }
    sleep 2
done

"$kubectl" logs --namespace kuberlock --selector "$mine" --container collect --tail=-1 --ignore-errors \
    >"$file.partial"
mv -- "$file.partial" "$file"
failed=$(jobs | grep -vE ' (.* )?Complete( |$)' | cut -d' ' -f1) || true
say "$(grep -c -e '-----BEGIN KUBERLOCK SNAPSHOT-----$' "$file" || true) of $(echo "$nodes" | wc -l) nodes in $file"
[ -z "$failed" ] || { say "no snapshot of: $(echo "$failed" | tr '\n' ' ')"; exit 3; }
