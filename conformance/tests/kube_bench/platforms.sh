# Nodes as distributions and providers lay them out, for the folders of kube-bench that are theirs.
#
# Enters: read by node.sh, with its functions `files`, `start` and `w` and its lists of arguments;
#         the node's name is in $variant.
# Leaves: the node's files and processes.
# Holds:  what they say is made up for these tests; some of it is wrong on purpose.

# Programs of the node that are scripts: in folders of PATH that are empty otherwise.
scripts() {
    for folder in /usr/local/bin /usr/local/sbin; do
        mkdir -p "$folder"
        mount -t tmpfs -o mode=0755 node "$folder"
    done
    w 755 /usr/local/bin/master-exec <<< '#!/bin/sh
# master-exec COMPONENT CONTAINER COMMAND…
shift 2
if [ "$1" = grep ]; then shift; grep "$1" /etc/origin/exec-environ; exit; fi
exec "$@"'
    w 755 /usr/local/sbin/check_files_owner_in_dir.sh <<< '#!/bin/bash
set -eu -o pipefail
folder=$1
if [[ -z "$folder" || ! -d "$folder" ]]; then echo "false"; exit; fi
while read -r file; do
  owner=$(stat -c %U:%G "$file")
  if [[ "$owner" != root:root ]] && ! [[ "$owner" =~ ^etcd:(etcd|root)$ ]]; then echo "false"; exit; fi
done < <(find "$folder" -type f)
echo "true"'
    w 755 /usr/local/sbin/check_cafile_permissions.sh <<< '#!/usr/bin/env bash
cafile=$(ps -ef | grep kubelet | grep -v apiserver | grep -- --client-ca-file= | awk -F "--client-ca-file=" "{print \$2}" | awk "{print \$1}" | uniq)
[[ -n "$cafile" ]] || cafile=/var/lib/rancher/rke2/agent/client-ca.crt
if [[ -e $cafile ]]; then stat -c permissions=%a "$cafile"; fi'
    w 700 /usr/local/sbin/check_cafile_ownership.sh <<< '#!/bin/sh -e
stat -c %U:%G /var/lib/rancher/rke2/agent/client-ca.crt'
}

# A journal, and a `journalctl` that prints it.
journal() {
    w 644 /var/log/k3s.lines
    w 755 /var/log/journalctl <<< '#!/bin/sh
trap "" PIPE
cat /var/log/k3s.lines'
    [ ! -e /usr/bin/journalctl ] || mount --bind /var/log/journalctl /usr/bin/journalctl
}

ETCD_CONFIG='advertise-client-urls: https://10.0.0.1:2379
client-transport-security:
  cert-file: /var/lib/tls/server-client.crt
  client-cert-auth: true
  key-file: /var/lib/tls/server-client.key
  trusted-ca-file: /var/lib/tls/server-ca.crt
data-dir: /var/lib/etcd
peer-transport-security:
  cert-file: /var/lib/tls/peer.crt
  client-cert-auth: false
  key-file: /var/lib/tls/peer.key
  trusted-ca-file: /var/lib/tls/peer-ca.crt'

platform() {
    local R
    case $variant in
    k3s-server)
        R=/var/lib/rancher/k3s
        for f in server/tls/server-ca.crt server/tls/client-ca.crt agent/client-ca.crt; do echo x | w 644 $R/$f; done
        for f in server/tls/server-ca.key server/cred/admin.kubeconfig server/cred/scheduler.kubeconfig server/cred/controller.kubeconfig agent/kubelet.kubeconfig agent/kubeproxy.kubeconfig; do echo x | w 600 $R/$f; done
        chmod 640 $R/server/cred/controller.kubeconfig
        w 600 $R/server/db/etcd/config <<< "$ETCD_CONFIG"; chmod 700 $R/server/db/etcd
        mkdir -p /var/lib/cni/networks/cbr0; echo x | w 644 /var/lib/cni/networks/cbr0/10.42.0.2; : | w 600 /var/lib/cni/networks/cbr0/lock
        w 600 $R/server/cred/encryption-config.json <<< '{"kind":"EncryptionConfiguration","resources":[{"resources":["secrets"],"providers":[{"aescbc":{"keys":[]}},{"identity":{}}]}]}'
        journal <<< 'Nov 24 10:00:00 a k3s[1]: time="2026-11-24T10:00:00Z" level=info msg="Managed etcd cluster initializing"
Nov 24 10:00:01 a k3s[1]: time="2026-11-24T10:00:01Z" level=info msg="Running kube-apiserver --advertise-port=6443 --anonymous-auth=false --authorization-mode=Node,RBAC --client-ca-file=/var/lib/rancher/k3s/server/tls/client-ca.crt --enable-admission-plugins=NodeRestriction --encryption-provider-config=/var/lib/rancher/k3s/server/cred/encryption-config.json --etcd-cafile=/a --etcd-certfile=/b --etcd-keyfile=/c --kubelet-certificate-authority=/d --profiling=false --secure-port=6444 --service-account-key-file=/e --tls-cert-file=/f --tls-cipher-suites=TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256 --tls-private-key-file=/g"
Nov 24 10:00:02 a k3s[1]: time="2026-11-24T10:00:02Z" level=info msg="Running kube-scheduler --bind-address=127.0.0.1 --profiling=false"
Nov 24 10:00:02 a k3s[1]: time="2026-11-24T10:00:02Z" level=info msg="Running kube-controller-manager --bind-address=127.0.0.1 --profiling=false --root-ca-file=/h --service-account-private-key-file=/i --terminated-pod-gc-threshold=10 --use-service-account-credentials=true"
Nov 24 10:00:03 a k3s[1]: time="2026-11-24T10:00:03Z" level=info msg="Running kubelet --anonymous-auth=false --authorization-mode=Webhook --client-ca-file=/j --read-only-port=0 --streaming-connection-idle-timeout=5m"'
        start k3s server --cluster-init; start containerd -c $R/agent/etc/containerd/config.toml ;;
    rke2)
        R=/var/lib/rancher/rke2
        scripts
        for f in etcd kube-apiserver kube-controller-manager kube-scheduler; do echo "kind: Pod" | w 600 $R/agent/pod-manifests/$f.yaml; done
        chmod 644 $R/agent/pod-manifests/kube-scheduler.yaml
        for f in server/tls/server-ca.crt agent/client-ca.crt agent/server.crt; do echo x | w 644 $R/$f; done
        for f in server/tls/server-ca.key server/cred/admin.kubeconfig server/cred/scheduler.kubeconfig server/cred/controller.kubeconfig agent/kubelet.kubeconfig agent/kubeproxy.kubeconfig; do echo x | w 600 $R/$f; done
        chown 1:1 $R/server/cred/scheduler.kubeconfig
        w 600 $R/server/db/etcd/config <<< "$ETCD_CONFIG"; chmod 700 $R/server/db/etcd
        w 600 $R/agent/etc/kubelet.conf.d/00-defaults.conf <<< "${KCFG}readOnlyPort: 0"
        echo z | w 644 /var/lib/cni/networks/x/10.1.1.1; echo '{}' | w 600 /etc/cni/net.d/10-canal.conflist
        start etcd --config-file=$R/server/db/etcd/config; start kube-apiserver "${API[@]}" --encryption-provider-config=$R/none.json; start kube-controller-manager "${CM[@]}"; start kube-scheduler --bind-address=127.0.0.1
        start kubelet --config-dir=$R/agent/etc/kubelet.conf.d --kubeconfig=$R/agent/kubelet.kubeconfig --client-ca-file=$R/agent/client-ca.crt --cni-conf-dir=/etc/cni/net.d; start kube-proxy --kubeconfig=$R/agent/kubeproxy.kubeconfig ;;
    rke)
        scripts
        for f in kube-ca kube-node kube-apiserver; do echo x | w 600 $K/ssl/$f.pem; echo x | w 600 $K/ssl/$f-key.pem; done
        chmod 644 $K/ssl/kube-ca.pem; chown 1:1 $K/ssl/kube-node.pem
        for f in kubecfg-kube-node kubecfg-kube-proxy kubecfg-kube-scheduler kubecfg-kube-controller-manager; do echo x | w 600 $K/ssl/$f.yaml; done
        mkdir -p /var/lib/etcd; chmod 755 /var/lib/etcd
        w 600 $K/ssl/encryption.yaml <<< 'resources:
- resources: [secrets]
  providers:
  - aescbc: {}'
        start etcd "${ETCD[@]}"; start kube-apiserver "${API[@]}" --encryption-provider-config=$K/ssl/encryption.yaml; start kube-controller-manager "${CM[@]}"; start kube-scheduler --profiling=false
        start kubelet --kubeconfig=$K/ssl/kubecfg-kube-node.yaml --client-ca-file=$K/ssl/kube-ca.pem --anonymous-auth=false --cni-conf-dir=/etc/cni/net.d; start kube-proxy --kubeconfig=$K/ssl/kubecfg-kube-proxy.yaml ;;
    cloud)
        w 644 /etc/kubernetes/kubelet/kubelet-config.json <<< '{"kind":"KubeletConfiguration","authentication":{"anonymous":{"enabled":false},"webhook":{"enabled":true},"x509":{"clientCAFile":"/etc/kubernetes/pki/ca.crt"}},"authorization":{"mode":"Webhook"},"readOnlyPort":0,"rotateCertificates":true,"featureGates":{"RotateKubeletServerCertificate":true}}'
        w 600 /home/kubernetes/kubelet-config.yaml <<< "${KCFG}readOnlyPort: 0"
        w 644 /etc/kubernetes/kubelet-config.yaml <<< "${KCFG}"
        for f in kubeconfig kubelet/kubeconfig kube-proxy/kubeconfig; do echo x | w 600 /var/lib/kubelet/$f; done
        echo '{}' | w 640 /etc/kubernetes/azure.json; echo '{}' | w 644 /etc/default/kubelet
        echo x | w 644 /etc/systemd/system/kubelet.service.d/10-kubeadm.conf; echo x | w 644 /etc/systemd/system/kubelet.service
        start kubelet --config /etc/kubernetes/kubelet/kubelet-config.json --kubeconfig /var/lib/kubelet/kubeconfig --anonymous-auth=false --event-qps=0 --hostname-override=a; start kube-proxy --kubeconfig=/var/lib/kube-proxy/kubeconfig ;;
    origin)
        scripts
        for f in master/master-config.yaml node/node-config.yaml; do w 600 /etc/origin/$f <<< 'admissionConfig:
  pluginConfig: {NodeRestriction: {configuration: {disable: false}}}
kubernetesMasterConfig:
  apiServerArguments:
    experimental-encryption-provider-config:
    - /etc/origin/encryption.yaml
    audit-log-maxage: ["30"]
serviceAccountConfig:
  privateKeyFile: serviceaccounts.private.key
kubeletArguments: {streaming-connection-idle-timeout: ["5m"]}'; done
        echo 'kind: EncryptionConfig' | w 600 /etc/origin/encryption.yaml
        for f in apiserver controller etcd; do echo x | w 600 /etc/origin/node/pods/$f.yaml; done
        for f in node/node.kubeconfig master/admin.kubeconfig master/openshift-master.kubeconfig; do echo x | w 600 /etc/origin/$f; done
        echo x | w 644 /etc/origin/node/client-ca.crt; mkdir -p /etc/origin/openvswitch /etc/cni/net.d
        printf 'ETCD_CERT_FILE=/etc/etcd/server.crt\nETCD_CLIENT_CERT_AUTH=true\nETCD_PEER_AUTO_TLS=false\n' | w 600 /etc/origin/exec-environ
        printf 'ETCD_KEY_FILE=/etc/etcd/server.key\nETCD_CLIENT_CERT_AUTH=false\nETCD_PEER_CERT_FILE=/x\n' | w 600 /etc/etcd/etcd.conf
        openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj '/OU=a,b/CN=etcd-signer@1700000000' -keyout /dev/null -out /etc/origin/master/master.etcd-ca.crt 2>/dev/null
        start openshift start master api --config=/etc/origin/master/master-config.yaml; start hyperkube kubelet --config=/etc/origin/node/node-config.yaml ;;
    tkgi)
        R=/var/vcap/jobs
        for c in kube-apiserver kube-controller-manager kube-scheduler etcd; do echo x | w 640 $R/$c/config/bpm.yml; done
        echo x | w 640 $R/kubelet/monit; echo x | w 640 $R/kube-proxy/config/kubeconfig; echo x | w 644 $R/kubelet/config/kubelet-client-ca.pem
        w 600 $R/kubelet/config/kubeletconfig.yml <<< "${KCFG}readOnlyPort: 0
makeIPTablesUtilChains: true
protectKernelDefaults: true"
        mkdir -p /var/vcap/store/etcd; chmod 700 /var/vcap/store/etcd
        start etcd "${ETCD[@]}"; start tini -- kube-apiserver "${API[@]}"; start kube-apiserver "${API[@]}" --audit-policy-file=/x --profiling=false; start kube-controller-manager "${CM[@]}" --profiling=false; start kube-scheduler --profiling=false; start kubelet --config=$R/kubelet/config/kubeletconfig.yml ;;
    microk8s)
        R=/var/snap/microk8s/current
        for c in etcd kube-apiserver kube-controller-manager kube-proxy kube-scheduler kubelet; do echo "--profiling=false" | w 660 $R/args/$c; done
        echo x | w 660 $R/certs/ca.crt; for f in kubelet proxy; do echo x | w 600 $R/credentials/$f.config; done
        echo x | w 644 /etc/systemd/system/snap.microk8s.daemon-kubelite.service
        start kubelite --scheduler-args-file=$R/args/kube-scheduler; start etcd --data-dir=/var/snap/microk8s/common/run/etcd --client-cert-auth; start k8s-dqlite --storage-dir=/x ;;
    *) return 1 ;;
    esac
}
