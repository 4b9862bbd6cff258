# One of several nodes, and both tools on it.
#
# Enters: within mount and PID namespaces of its own: the node's name, the idle program, kube-bench,
#         kuberlock, kube-bench's configuration, a folder for what they print, the targets or
#         nothing, then the benchmarks, each with targets of its own where NAME=TARGET,… names them;
#         KUBERLOCK_PAIRS is how often both are timed with the first.
# Leaves: BENCHMARK.theirs.json and BENCHMARK.ours.json, and what was said on standard error.
# Holds:  nothing outside of the namespaces is touched; everything started ends with process 1.
set -u
variant=$1 idle=$2 kube_bench=$3 kuberlock=$4 cfg=$5 out=$6 targets=$7
shift 7
mount --make-rprivate /
# Folders that the host may not have are made in a layer of their own.
for above in /etc /var /home; do
    layer=$(mktemp -d)
    mount -t tmpfs -o mode=0755 layer "$layer"
    mkdir "$layer/upper" "$layer/work"
    mount -t overlay -o "lowerdir=$above,upperdir=$layer/upper,workdir=$layer/work" overlay "$above" || exit 9
done
for folder in /etc/kubernetes /etc/systemd/system /etc/cni /var/lib/kubelet /var/lib/etcd /var/lib/cni /var/lib/rancher; do
    mkdir -p "$folder"
    mount -t tmpfs -o mode=0755 node "$folder"
done
bin=$(mktemp -d)
start() { ln -f $idle $bin/$1 2>/dev/null || cp $idle $bin/$1; n=$1; shift; $bin/$n "$@" </dev/null >/dev/null 2>&1 & }
w() { mkdir -p "$(dirname "$2")"; cat > "$2"; chmod $1 "$2"; }
K=/etc/kubernetes
files() { # mode
 for c in kube-apiserver kube-controller-manager kube-scheduler etcd; do echo "kind: Pod" | w $1 $K/manifests/$c.yaml; done
 for c in admin super-admin scheduler controller-manager kubelet proxy; do echo "kind: Config" | w $1 $K/$c.conf; done
 for c in ca apiserver apiserver-kubelet-client front-proxy-ca etcd/ca etcd/server etcd/peer sa; do echo cert | w $2 $K/pki/$c.crt; echo key | w $3 $K/pki/$c.key; done
 echo pub | w $3 $K/pki/sa.pub
 w $1 /etc/systemd/system/kubelet.service.d/10-kubeadm.conf <<< '[Service]
Environment="KUBELET_CONFIG_ARGS=--config=/var/lib/kubelet/config.yaml"'
 mkdir -p /var/lib/etcd/member; chmod 700 /var/lib/etcd
 mkdir -p /etc/cni/net.d /var/lib/cni/networks/kind; echo '{}' | w $1 /etc/cni/net.d/10-kindnet.conflist; echo x | w $1 /var/lib/cni/networks/kind/10.0.0.2
}
ETCD=(--advertise-client-urls=https://10.0.0.1:2379 --cert-file=/etc/kubernetes/pki/etcd/server.crt --client-cert-auth=true --data-dir=/var/lib/etcd --key-file=/etc/kubernetes/pki/etcd/server.key --peer-cert-file=/etc/kubernetes/pki/etcd/peer.crt --peer-client-cert-auth=true --peer-key-file=/etc/kubernetes/pki/etcd/peer.key --peer-trusted-ca-file=/etc/kubernetes/pki/etcd/ca.crt --trusted-ca-file=/etc/kubernetes/pki/etcd/ca.crt)
API=(--advertise-address=10.0.0.1 --allow-privileged=true --authorization-mode=Node,RBAC --client-ca-file=/etc/kubernetes/pki/ca.crt --enable-admission-plugins=NodeRestriction --enable-bootstrap-token-auth=true --etcd-cafile=/etc/kubernetes/pki/etcd/ca.crt --etcd-certfile=/etc/kubernetes/pki/apiserver-etcd-client.crt --etcd-keyfile=/etc/kubernetes/pki/apiserver-etcd-client.key --etcd-servers=https://127.0.0.1:2379 --kubelet-client-certificate=/etc/kubernetes/pki/apiserver-kubelet-client.crt --kubelet-client-key=/etc/kubernetes/pki/apiserver-kubelet-client.key --secure-port=6443 --service-account-issuer=https://kubernetes.default.svc.cluster.local --service-account-key-file=/etc/kubernetes/pki/sa.pub --service-account-signing-key-file=/etc/kubernetes/pki/sa.key --service-cluster-ip-range=10.96.0.0/12 --tls-cert-file=/etc/kubernetes/pki/apiserver.crt --tls-private-key-file=/etc/kubernetes/pki/apiserver.key)
CM=(--allocate-node-cidrs=true --authentication-kubeconfig=/etc/kubernetes/controller-manager.conf --bind-address=127.0.0.1 --client-ca-file=/etc/kubernetes/pki/ca.crt --kubeconfig=/etc/kubernetes/controller-manager.conf --leader-elect=true --root-ca-file=/etc/kubernetes/pki/ca.crt --service-account-private-key-file=/etc/kubernetes/pki/sa.key --use-service-account-credentials=true)
KCFG='apiVersion: kubelet.config.k8s.io/v1beta1
authentication:
  anonymous:
    enabled: false
  webhook:
    enabled: true
  x509:
    clientCAFile: /etc/kubernetes/pki/ca.crt
authorization:
  mode: Webhook
rotateCertificates: true
streamingConnectionIdleTimeout: 0s
'
case $variant in
 kubeadm) files 600 644 600; start etcd "${ETCD[@]}"; start kube-apiserver "${API[@]}"; start kube-controller-manager "${CM[@]}"; start kube-scheduler --authentication-kubeconfig=/etc/kubernetes/scheduler.conf --bind-address=127.0.0.1 --kubeconfig=/etc/kubernetes/scheduler.conf
   w 644 /var/lib/kubelet/config.yaml <<< "$KCFG"; start kubelet --bootstrap-kubeconfig=/etc/kubernetes/bootstrap-kubelet.conf --kubeconfig=/etc/kubernetes/kubelet.conf --config=/var/lib/kubelet/config.yaml --node-ip=10.0.0.1; start kube-proxy --config=/var/lib/kube-proxy/config.conf --hostname-override=cp-1 ;;
 hard) files 600 600 600; chown -R 0:0 /etc/kubernetes; echo 'kind: EncryptionConfiguration
resources:
  - resources: [secrets]
    providers:
      - aescbc:
          keys: []' | w 600 $K/enc.yaml
   start etcd "${ETCD[@]}" --auto-tls=false --peer-auto-tls=false; start kube-apiserver "${API[@]}" --anonymous-auth=false --profiling=false --audit-log-path=/var/log/a.log --audit-log-maxage=30 --audit-log-maxbackup=10 --audit-log-maxsize=100 --request-timeout=300s --encryption-provider-config=/etc/kubernetes/enc.yaml --audit-policy-file=/etc/kubernetes/audit.yaml --tls-cipher-suites=TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256 --kubelet-certificate-authority=/etc/kubernetes/pki/ca.crt --service-account-lookup=true --kubelet-https=true
   start kube-controller-manager "${CM[@]}" --profiling=false --terminated-pod-gc-threshold=10 --feature-gates=RotateKubeletServerCertificate=true; start kube-scheduler --profiling=false --bind-address=127.0.0.1
   w 600 /var/lib/kubelet/config.yaml <<< "${KCFG}readOnlyPort: 0
protectKernelDefaults: true
makeIPTablesUtilChains: true
eventRecordQPS: 5
podPidsLimit: 4096
tlsCertFile: /var/lib/kubelet/pki/k.crt
tlsPrivateKeyFile: /var/lib/kubelet/pki/k.key
tlsCipherSuites: [TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256]
serverTLSBootstrap: true
featureGates:
  RotateKubeletServerCertificate: true
seccompDefault: true"
   start kubelet --config=/var/lib/kubelet/config.yaml --kubeconfig=/etc/kubernetes/kubelet.conf --client-ca-file=/etc/kubernetes/pki/ca.crt --cni-conf-dir=/etc/cni/net.d --rotate-certificates=true; start kube-proxy --kubeconfig=/etc/kubernetes/proxy.conf --metrics-bind-address=127.0.0.1:10249 ;;
 bare) mkdir -p $K/manifests; start etcd; start kube-apiserver --insecure-port=8080 --anonymous-auth=true --token-auth-file=/x --authorization-mode=AlwaysAllow --enable-admission-plugins=AlwaysAdmit; start kube-controller-manager; start kube-scheduler; start kubelet; start kube-proxy ;;
 flags) files 644 666 666; chown 1:1 $K/admin.conf $K/pki/ca.crt; start etcd --data-dir /var/lib/etcd --name "a b" ; start kube-apiserver --anonymous-auth false --profiling "${API[@]}" --encryption-provider-config /etc/kubernetes/none.yaml; start kube-controller-manager --terminated-pod-gc-threshold 12500 "--bind-address=127.0.0.1 x"; start kube-scheduler --profiling --bind-address 127.0.0.1
   start kubelet --anonymous-auth=false --authorization-mode=Webhook --client-ca-file=/etc/kubernetes/pki/ca.crt --read-only-port=0 --rotate-certificates --tls-cert-file=/a --tls-private-key-file=/b --hostname-override=x --event-qps=0 --make-iptables-util-chains=true --protect-kernel-defaults --streaming-connection-idle-timeout=5m; start kube-proxy --kubeconfig /etc/kubernetes/proxy.conf ;;
 two) files 755 644 600; start etcd "${ETCD[@]}"; start etcd --data-dir=/nowhere --listen=2; start kube-apiserver "${API[@]}"; start kube-apiserver --second; start kube-controller-manager "${CM[@]}"; start kube-scheduler
   w 600 /var/lib/kubelet/config.yaml <<< '{"kind":"KubeletConfiguration","authentication":{"anonymous":{"enabled":true},"webhook":{"enabled":true}},"authorization":{"mode":"AlwaysAllow"},"readOnlyPort":10255,"eventRecordQPS":1000000,"makeIPTablesUtilChains":false,"streamingConnectionIdleTimeout":"4h0m0s","tlsCipherSuites":["TLS_RSA_WITH_RC4_128_SHA"],"podPidsLimit":-1}'
   start kubelet --config /var/lib/kubelet/config.yaml; start kube-proxy ;;
 worker) files 640 644 600; rm -rf $K/manifests/* /var/lib/etcd/*; echo "authentication: [broken" | w 644 /var/lib/kubelet/config.yaml; start kubelet --config=/var/lib/kubelet/config.yaml --cni-conf-dir=/etc/cni/net.d ;;
 env) files 600 644 600; ETCD_CERT_FILE=/e/c ETCD_KEY_FILE=/e/k ETCD_CLIENT_CERT_AUTH=true ETCD_PEER_AUTO_TLS=false start etcd --data-dir=/var/lib/etcd/default.etcd; mkdir /var/lib/etcd/default.etcd; start kube-apiserver "${API[@]}" --feature-gates=A=true,B=false; start kube-controller-manager; start kube-scheduler --config=/etc/x; KUBELET_X=1 start kubelet --client-ca-file=/nope --config=/etc/kubernetes/kubelet-config.yaml
  w 644 /etc/kubernetes/kubelet-config.yaml <<< "$KCFG"; ln -s /etc/kubernetes/pki $K/ssl; ln -s nowhere $K/pki/dangling.crt; mkdir -p "$K/pki/a dir"; echo z | w 604 "$K/pki/a dir/it's.key" ;;
 k3s) mkdir -p /var/lib/rancher/k3s/server/tls /var/lib/rancher/k3s/agent /var/lib/rancher/k3s/server/db/etcd /var/lib/rancher/k3s/server/cred; for f in agent/client-ca.crt agent/kubelet.kubeconfig agent/kubeproxy.kubeconfig server/tls/a.crt server/tls/a.key server/cred/admin.kubeconfig server/cred/scheduler.kubeconfig server/db/etcd/config; do echo x | w 600 /var/lib/rancher/k3s/$f; done; start k3s server --cluster-init ;;
 *) . "$(dirname "$0")/platforms.sh"; platform ;;
esac
sleep 0.3
cd /
# Both in turn, as often as is asked, each run's microseconds on a line; and what one of ours starts
# and holds.
if [ -n "${KUBERLOCK_PAIRS-}" ]; then
    theirs=("$kube_bench" --config-dir "$cfg" --config "$cfg/config.yaml" run --targets "$targets" --benchmark "$1" --json)
    ours=("$kuberlock" scan node --root / --kube-bench-cfg "$cfg" --benchmark "$1" --targets "$targets" -o kube-bench-json)
    took() {
        local began=$EPOCHREALTIME
        "$@" >/dev/null 2>&1
        local ended=$EPOCHREALTIME
        printf '%s ' $((${ended/./} - ${began/./}))
    }
    "${ours[@]}" >/dev/null 2>&1
    for ((at = 0; at < KUBERLOCK_PAIRS; at++)); do
        { took "${theirs[@]}"; took "${ours[@]}"; took "${ours[@]}"; took "${ours[@]}"; echo; } >>"$out/pairs"
    done
    strace -f -qq -o "$out/started" -e trace=execve,execveat,fork,vfork,clone,clone3 "${ours[@]}" >/dev/null 2>&1
    python3 -c 'import resource, subprocess, sys
subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)' "${ours[@]}" >"$out/held"
fi
for benchmark; do
    # A benchmark may name its targets: NAME=TARGET,…
    case $benchmark in *=*) targets=${benchmark#*=} benchmark=${benchmark%%=*} ;; esac
    "$kube_bench" --config-dir "$cfg" --config "$cfg/config.yaml" run ${targets:+--targets "$targets"} \
        --benchmark "$benchmark" --json >"$out/$benchmark.theirs.json" 2>"$out/$benchmark.theirs.err"
    "$kuberlock" scan node --root / --kube-bench-cfg "$cfg" --benchmark "$benchmark" \
        ${targets:+--targets "$targets"} -o kube-bench-json >"$out/$benchmark.ours.json" 2>"$out/$benchmark.ours.err"
done
exit 0
