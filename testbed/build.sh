#!/usr/bin/env bash
# Builds the binaries of the test cluster from Go modules, where they are missing.
#
# Enters: the Go modules beside this file; VERSION, the name of what they make.
# Leaves: ${KUBERLOCK_CACHE:-$HOME/.cache/kuberlock}/testbed/<VERSION>/ with
#         bin/ (one file a binary), share/kwok/ (stage files) and, when nothing
#         is missing, the file complete, which says what is inside.
# Holds:  a file in bin/ is whole, for it is built under another name and then
#         moved; a run that was cut short is continued by the next; two runs at
#         once wait for each other; whoever changes a module or the stand-in
#         changes VERSION, so that nobody runs what was built before.
#
# Usage: build.sh           build, then print the folder of binaries
#        build.sh --print   only print it
set -euo pipefail
export GOWORK=off # a workspace around us must not change what is built

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
home=${KUBERLOCK_CACHE:-$HOME/.cache/kuberlock}/testbed/$(cat "$here/VERSION")
bin=$home/bin
kwok_share=$home/share/kwok

# Smallest first after kubeadm: who only needs kubectl or etcd may start early.
order=(kubeadm kubectl etcd kube-apiserver kwok kube-controller-manager kube-scheduler standin)
# The harness tells components by the name of the process, so the stand-in
# carries the names of what it stands for.
standin_names=(kubelet kube-proxy)
# The stages that make a node ready, keep it ready, and run its pods at once.
kwok_stages=(node/fast node/heartbeat-with-lease pod/fast)

say() { echo "testbed: $*" >&2; }

# The version of module $2 that the folder $1 asks for.
version_of() { (cd "$here/$1" && go list -m -f '{{.Version}}' "$2"); }

# Sets the versions, and refuses a VERSION that names others.
read_versions() {
    kubernetes=$(version_of components k8s.io/kubernetes)
    etcd=$(version_of etcd go.etcd.io/etcd/server/v3)
    kwok=$(version_of kwok sigs.k8s.io/kwok)
    kubernetes_flags=$("$here/kubernetes-version-flags.sh" "$kubernetes")
    local named=kubernetes-${kubernetes#v}_etcd-${etcd#v}_kwok-${kwok#v}_r
    [[ ${home##*/} == "$named"* ]] || { say "VERSION should begin with $named"; return 2; }
}

# Sets folder, package and link flags of binary $1.
recipe() {
    link_flags='-s -w'
    case $1 in
    etcd) folder=etcd package=go.etcd.io/etcd/server/v3 ;;
    kwok)
        folder=kwok package=sigs.k8s.io/kwok/cmd/kwok
        link_flags+=" -X sigs.k8s.io/kwok/pkg/consts.Version=$kwok" ;;
    standin) folder=components package=./standin link_flags+=" $kubernetes_flags" ;;
    *) folder=components package=k8s.io/kubernetes/cmd/$1 link_flags+=" $kubernetes_flags" ;;
    esac
}

build_one() {
    local name=$1 folder package link_flags began=$SECONDS
    recipe "$name"
    (cd "$here/$folder" && env -u GOOS -u GOARCH CGO_ENABLED=0 \
        go build -mod=readonly -buildvcs=false -trimpath \
        -ldflags "$link_flags" -o "$bin/.$name.part" "$package")
    mv "$bin/.$name.part" "$bin/$name"
    say "$name: $((SECONDS - began)) s"
}

link_standin() {
    local name
    for name in "${standin_names[@]}"; do
        ln -f "$bin/standin" "$bin/$name"
    done
}

# The stage files are not part of the binary, and not ours to commit.
copy_stages() {
    local source stage file
    source=$(cd "$here/kwok" && go mod download sigs.k8s.io/kwok && go list -m -f '{{.Dir}}' sigs.k8s.io/kwok)
    mkdir -p "$kwok_share"
    for stage in "${kwok_stages[@]}"; do
        for file in "$source/kustomize/stage/$stage"/*.yaml; do
            [[ ${file##*/} == kustomization.yaml ]] && continue
            install -m 0644 "$file" "$kwok_share/"
        done
    done
}

missing() {
    local name
    [[ -f $home/complete ]] || return 0
    for name in "${order[@]}" "${standin_names[@]}"; do
        [[ -x $bin/$name ]] || return 0
    done
    return 1
}

write_complete() {
    {
        echo "kubernetes $kubernetes"
        echo "etcd $etcd"
        echo "kwok $kwok"
        go version
    } >"$home/.complete.part"
    mv "$home/.complete.part" "$home/complete"
}

main() {
    case ${1-} in
    --print) echo "$bin"; return ;;
    '') ;;
    *) say "usage: build.sh [--print]"; return 2 ;;
    esac
    if missing; then
        command -v go >/dev/null || { say "Go is needed to build the test cluster"; return 2; }
        read_versions
        mkdir -p "$bin"
        exec 9>"$home/lock"
        flock -n 9 || { say "another build is under way; waiting for it"; flock 9; }
        rm -f "$bin"/.*.part
        copy_stages
        local name
        for name in "${order[@]}"; do
            [[ -x $bin/$name ]] || build_one "$name"
        done
        link_standin
        write_complete
    fi
    echo "$bin"
}

main "$@"
