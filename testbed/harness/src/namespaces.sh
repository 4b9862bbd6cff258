# The first process of a node's namespaces.
#
# Enters: an empty folder to mount a scratch file system on, the node's root, its host name, the
#         folder to remove at the end or nothing, then the folders that the node has to itself.
#         Standard input: held open by the process that started the cluster.
# Leaves: the line `ready` once the mounts stand.
# Holds:  ends when standard input does, and the kernel ends with it whatever runs in here.
set -eu
scratch=$1 root=$2 host=$3 remove=$4
shift 4
mount -t tmpfs -o mode=0755 scratch "$scratch"

# Lets this namespace add entries to a folder of the host, without the host seeing them. Where
# there is no overlay file system, a folder of mounts of the single entries does the same.
open() {
    layer=$scratch/$(echo "$1" | tr / _)
    [ ! -d "$layer" ] || return 0
    mkdir "$layer" "$layer/upper" "$layer/work" "$layer/lower"
    layers=lowerdir=$1,upperdir=$layer/upper,workdir=$layer/work
    if mount -t overlay -o "$layers" overlay "$1" 2>/dev/null; then return 0; fi
    mount --rbind "$1" "$layer/lower"
    mount -t tmpfs -o mode=0755 open "$1"
    for entry in "$layer/lower"/* "$layer/lower"/.[!.]*; do
        to=$1/${entry##*/}
        if [ -h "$entry" ]; then cp -P "$entry" "$to"
        elif [ -d "$entry" ]; then mkdir "$to" && mount --rbind "$entry" "$to"
        elif [ -e "$entry" ]; then : >"$to" && mount --bind "$entry" "$to"
        fi
    done
}

# kubeadm asks systemd to stop and start the kubelet; it shall not find the host's.
mount -t tmpfs -o mode=0755 run /run
for dir; do
    if [ ! -d "$dir" ]; then
        above=${dir%/*}
        while [ ! -d "$above" ]; do above=${above%/*}; done
        open "$above"
        mkdir -p "$dir"
    fi
    mount --bind "$root$dir" "$dir"
done

echo "$host" >/proc/sys/kernel/hostname
echo 1 >/proc/sys/net/ipv4/ip_forward
ip link set lo up
echo ready

read -r line || :
kill -KILL -1 2>/dev/null || :
if [ "$remove" ]; then
    cd /
    umount -l "$scratch"
    rm -rf -- "$remove"
fi
