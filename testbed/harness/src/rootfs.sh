# Becomes the program of a container, in a mount namespace of its own.
#
# Enters: an empty folder to build the container's root on, the folder of the components, `host`
#         where the image has the host's programs too, then for each mount its mode (ro or rw),
#         source and target, then `--` and the program with its arguments.
# Leaves: nothing; the program takes this process over.
# Holds:  the program sees what its mounts show it and nothing else of the node, as in a
#         container: a file that is not mounted is not there.
set -eu
new=$1 components=$2 image=$3
shift 3
mount -t tmpfs -o mode=0755 container "$new"
mkdir -p "$new/dev" "$new/etc" "$new/proc" "$new/tmp" "$new/usr/local/bin"
mount --rbind /dev "$new/dev"
mount --rbind /proc "$new/proc"
mount --bind "$components" "$new/usr/local/bin"
cat /etc/hosts >"$new/etc/hosts" 2>/dev/null || :

if [ "$image" = host ]; then
    for dir in bin sbin lib lib64 usr/bin usr/sbin usr/lib usr/lib64; do
        if [ -h "/$dir" ]; then cp -P "/$dir" "$new/$dir"
        elif [ -d "/$dir" ]; then
            mkdir -p "$new/$dir"
            mount --bind -o ro "/$dir" "$new/$dir"
        fi
    done
fi

while [ "$1" != -- ]; do
    mode=$1 source=$2 target=$new$3
    shift 3
    if [ -d "$source" ]; then mkdir -p "$target"
    else
        mkdir -p "${target%/*}"
        [ -e "$target" ] || : >"$target"
    fi
    mount --rbind "$source" "$target"
    if [ "$mode" = ro ]; then mount -o remount,bind,ro "$target"; fi
done
shift
cd /
exec chroot "$new" "$@"
