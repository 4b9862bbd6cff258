//! What must never be told, and what must.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

/// kube-apiserver as kubeadm 1.37 starts it.
const API_SERVER: [&str; 27] = [
    "kube-apiserver",
    "--advertise-address=10.0.0.1",
    "--allow-privileged=true",
    "--authorization-mode=Node,RBAC",
    "--client-ca-file=/etc/kubernetes/pki/ca.crt",
    "--enable-admission-plugins=NodeRestriction",
    "--enable-bootstrap-token-auth=true",
    "--etcd-cafile=/etc/kubernetes/pki/etcd/ca.crt",
    "--etcd-certfile=/etc/kubernetes/pki/apiserver-etcd-client.crt",
    "--etcd-keyfile=/etc/kubernetes/pki/apiserver-etcd-client.key",
    "--etcd-servers=https://127.0.0.1:2379",
    "--kubelet-client-certificate=/etc/kubernetes/pki/apiserver-kubelet-client.crt",
    "--kubelet-client-key=/etc/kubernetes/pki/apiserver-kubelet-client.key",
    "--kubelet-preferred-address-types=InternalIP,ExternalIP,Hostname",
    "--proxy-client-cert-file=/etc/kubernetes/pki/front-proxy-client.crt",
    "--proxy-client-key-file=/etc/kubernetes/pki/front-proxy-client.key",
    "--requestheader-allowed-names=front-proxy-client",
    "--requestheader-client-ca-file=/etc/kubernetes/pki/front-proxy-ca.crt",
    "--requestheader-extra-headers-prefix=X-Remote-Extra-",
    "--requestheader-group-headers=X-Remote-Group",
    "--requestheader-username-headers=X-Remote-User",
    "--secure-port=6443",
    "--service-account-issuer=https://kubernetes.default.svc.cluster.local",
    "--service-account-key-file=/etc/kubernetes/pki/sa.pub",
    "--service-account-signing-key-file=/etc/kubernetes/pki/sa.key",
    "--service-cluster-ip-range=10.96.0.0/12",
    "--tls-private-key-file=/etc/kubernetes/pki/apiserver.key",
];

/// Flags a hardened or odd cluster sets.
const FLAGS: [&str; 45] = [
    "--tls-cipher-suites=TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
    "--tls-min-version=VersionTLS12",
    "--feature-gates=RotateKubeletServerCertificate=true,InPlacePodVerticalScaling=false,APIServerTracing=true",
    "--enable-admission-plugins=NodeRestriction,AlwaysPullImages,PodSecurity,ValidatingAdmissionWebhook",
    "--disable-admission-plugins=",
    "--token-auth-file=/etc/kubernetes/tokens.csv",
    "--basic-auth-file=/etc/kubernetes/basic.csv",
    "--authentication-token-webhook=true",
    "--authentication-token-webhook-cache-ttl=2m0s",
    "--authentication-token-webhook-config-file=/etc/kubernetes/webhook.yaml",
    "--authorization-webhook-version=v1",
    "--authorization-always-allow-paths=/healthz,/readyz,/livez",
    "--audit-log-path=/var/log/kubernetes/audit.log",
    "--audit-log-maxage=30",
    "--audit-policy-file=/etc/kubernetes/audit-policy.yaml",
    "--audit-webhook-mode=batch",
    "--encryption-provider-config=/etc/kubernetes/enc/enc.yaml",
    "--service-account-lookup=true",
    "--service-account-extend-token-expiration=true",
    "--anonymous-auth=false",
    "--profiling=false",
    "--request-timeout=300s",
    "--oidc-username-claim=sub",
    "--oidc-groups-claim=groups",
    "--oidc-issuer-url=https://accounts.example.com/realms/main",
    "--node-labels=node-role.kubernetes.io/worker=,topology.kubernetes.io/zone=eu-west-1a",
    "--register-with-taints=node-role.kubernetes.io/control-plane:NoSchedule",
    "--cluster-cidr=10.244.0.0/16,fd00:10:244::/56",
    "--controllers=*,bootstrapsigner,tokencleaner",
    "--use-service-account-credentials=true",
    "--terminated-pod-gc-threshold=10000",
    "--cluster-signing-duration=8760h0m0s",
    "--cluster-signing-cert-file=/etc/kubernetes/pki/ca.crt",
    "--kubeconfig=/etc/kubernetes/controller-manager.conf",
    "--bind-address=127.0.0.1",
    "--leader-elect=true",
    "--service-account-max-token-expiration=24h",
    "--http2-max-streams-per-connection=1000",
    "--runtime-config=api/all=true",
    "--vmodule=auth*=4",
    "--v=2",
    "--pod-infra-container-image=registry.k8s.io/pause:3.10",
    "--container-runtime-endpoint=unix:///var/run/containerd/containerd.sock",
    "--hostname-override=ip-10-0-1-23.eu-west-1.compute.internal",
    "--allow-metric-labels-manifest=/etc/kubernetes/*.yaml",
];

const KUBELET: &str = "\
apiVersion: kubelet.config.k8s.io/v1beta1
authentication:
  anonymous:
    enabled: false
  webhook:
    cacheTTL: 0s
    enabled: true
  x509:
    clientCAFile: /etc/kubernetes/pki/ca.crt
authorization:
  mode: Webhook
  webhook:
    cacheAuthorizedTTL: 0s
    cacheUnauthorizedTTL: 0s
cgroupDriver: systemd
clusterDNS:
- 10.96.0.10
clusterDomain: cluster.local
containerRuntimeEndpoint: \"\"
cpuManagerReconcilePeriod: 0s
crashLoopBackOff: {}
evictionHard:
  imagefs.available: 15%
  memory.available: 100Mi
evictionPressureTransitionPeriod: 0s
fileCheckFrequency: 0s
healthzBindAddress: 127.0.0.1
healthzPort: 10248
httpCheckFrequency: 0s
imageMaximumGCAge: 0s
kind: KubeletConfiguration
logging:
  flushFrequency: 0
  options:
    json:
      infoBufferSize: \"0\"
    text:
      infoBufferSize: \"0\"
  verbosity: 0
memorySwap: {}
nodeStatusReportFrequency: 0s
resolvConf: /run/systemd/resolve/resolv.conf
rotateCertificates: true
shutdownGracePeriod: 0s
staticPodPath: /etc/kubernetes/manifests
tlsCipherSuites: [TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256]
";

fn owned(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

#[test]
fn command_lines_of_the_control_plane_stay() {
    assert_eq!(arguments(&owned(&API_SERVER)), API_SERVER);
    for program in ["kube-apiserver", "/usr/local/bin/kube-controller-manager", "kubelet"] {
        for flag in FLAGS {
            assert_eq!(arguments(&owned(&[program, flag])), [program, flag]);
            if let Some((name, value)) = flag.split_once('=').filter(|(_, value)| !value.is_empty())
            {
                assert_eq!(arguments(&owned(&[program, name, value])), [program, name, value]);
            }
        }
    }
}

#[test]
fn a_static_pod_stays_as_kubeadm_wrote_it() {
    let mut command = String::new();
    for word in API_SERVER {
        command.push_str(&format!("    - {word}\n"));
    }
    let manifest = format!(
        "apiVersion: v1\nkind: Pod\nmetadata:\n  annotations:\n    kubeadm.kubernetes.io/kube-apiserver.advertise-address.endpoint: 10.0.0.1:6443\n  labels:\n    component: kube-apiserver\n    tier: control-plane\n  name: kube-apiserver\n  namespace: kube-system\nspec:\n  containers:\n  - command:\n{command}    image: registry.k8s.io/kube-apiserver:v1.37.2\n    imagePullPolicy: IfNotPresent\n    livenessProbe:\n      failureThreshold: 8\n      httpGet:\n        host: 10.0.0.1\n        path: /livez\n        port: probe-port\n        scheme: HTTPS\n    name: kube-apiserver\n    ports:\n    - containerPort: 6443\n      name: probe-port\n      protocol: TCP\n    resources:\n      requests:\n        cpu: 250m\n    volumeMounts:\n    - mountPath: /etc/ssl/certs\n      name: ca-certs\n      readOnly: true\n  hostNetwork: true\n  priorityClassName: system-node-critical\n  securityContext:\n    seccompProfile:\n      type: RuntimeDefault\n  volumes:\n  - hostPath:\n      path: /etc/ssl/certs\n      type: DirectoryOrCreate\n    name: ca-certs\nstatus: {{}}\n"
    );
    let redacted = text("/etc/kubernetes/manifests/kube-apiserver.yaml", &manifest);
    // The port's name in a probe is no name to us, and read by nobody.
    let differing: Vec<_> =
        manifest.lines().zip(redacted.lines()).filter(|(before, after)| before != after).collect();
    assert!(
        differing.iter().all(|(before, _)| before.contains("port: probe-port")),
        "{differing:?}"
    );
}

#[test]
fn a_kubelets_configuration_stays() {
    assert_eq!(text("/var/lib/kubelet/config.yaml", KUBELET), KUBELET);
    let value = crate::yaml::to_value(KUBELET).unwrap();
    let mut redacted = value.clone();
    object(&mut redacted);
    assert_eq!(redacted, value);
    let mut configz = json!({ "kubeletconfig": value });
    let before = configz.clone();
    object(&mut configz);
    assert_eq!(configz, before);
}

#[test]
fn files_of_a_node_stay_where_they_are_harmless() {
    for (path, content) in [
        (
            "/var/lib/kubelet/kubeadm-flags.env",
            "KUBELET_KUBEADM_ARGS=\"--container-runtime-endpoint=unix:///var/run/containerd/containerd.sock --pod-infra-container-image=registry.k8s.io/pause:3.10\"\n",
        ),
        (
            "/usr/lib/systemd/system/kubelet.service",
            "[Unit]\nDescription=kubelet: The Kubernetes Node Agent\nDocumentation=https://kubernetes.io/docs/\nWants=network-online.target\nAfter=network-online.target\n\n[Service]\nExecStart=/usr/bin/kubelet\nRestart=always\nStartLimitInterval=0\nRestartSec=10\n\n[Install]\nWantedBy=multi-user.target\n",
        ),
        (
            "/usr/lib/systemd/system/kubelet.service.d/10-kubeadm.conf",
            "# Note: This dropin only works with kubeadm and kubelet v1.11+\n[Service]\nEnvironment=\"KUBELET_KUBECONFIG_ARGS=--bootstrap-kubeconfig=/etc/kubernetes/bootstrap-kubelet.conf --kubeconfig=/etc/kubernetes/kubelet.conf\"\nEnvironment=\"KUBELET_CONFIG_ARGS=--config=/var/lib/kubelet/config.yaml\"\nEnvironmentFile=-/var/lib/kubelet/kubeadm-flags.env\nExecStart=\nExecStart=/usr/bin/kubelet $KUBELET_KUBECONFIG_ARGS $KUBELET_CONFIG_ARGS $KUBELET_KUBEADM_ARGS $KUBELET_EXTRA_ARGS\n",
        ),
        (
            "/etc/containerd/config.toml",
            "version = 2\n[plugins.\"io.containerd.grpc.v1.cri\"]\n  sandbox_image = \"registry.k8s.io/pause:3.10\"\n  enable_selinux = false\n[plugins.\"io.containerd.grpc.v1.cri\".containerd.runtimes.runc.options]\n  SystemdCgroup = true\n",
        ),
        (
            "/etc/kubernetes/kubelet.conf",
            "apiVersion: v1\nclusters:\n- cluster:\n    certificate-authority: /etc/kubernetes/pki/ca.crt\n    server: https://10.0.0.1:6443\n  name: default-cluster\ncontexts:\n- context:\n    cluster: default-cluster\n    namespace: default\n    user: default-auth\n  name: default-context\ncurrent-context: default-context\nkind: Config\nusers:\n- name: default-auth\n  user:\n    client-certificate: /var/lib/kubelet/pki/kubelet-client-current.pem\n    client-key: /var/lib/kubelet/pki/kubelet-client-current.pem\n",
        ),
        (
            "/etc/kubernetes/auth.yaml",
            "apiVersion: apiserver.config.k8s.io/v1\nkind: AuthenticationConfiguration\nanonymous:\n  enabled: true\n  conditions:\n  - path: /healthz\n  - path: /livez\n",
        ),
        (
            "/etc/cni/net.d/10-x.conflist",
            "{\n  \"name\": \"cbr0\",\n  \"cniVersion\": \"0.3.1\",\n  \"plugins\": [\n    {\"type\": \"flannel\", \"delegate\": {\"hairpinMode\": true}}\n  ]\n}\n",
        ),
        (
            "/etc/etcd/etcd.conf.yml",
            "name: etcd-0\ndata-dir: /var/lib/etcd\nclient-transport-security:\n  cert-file: /etc/etcd/server.crt\n  key-file: /etc/etcd/server.key\n  client-cert-auth: true\nlisten-client-urls: https://10.0.0.1:2379,https://127.0.0.1:2379\n",
        ),
        (
            "/etc/kubernetes/audit.yaml",
            "apiVersion: audit.k8s.io/v1\nkind: Policy\nomitStages:\n- RequestReceived\nrules:\n- level: Metadata\n  resources:\n  - group: \"\"\n    resources: [secrets, configmaps]\n",
        ),
    ] {
        assert_eq!(text(path, content), content, "{path}");
    }
}

/// Texts in which `@` is the credential, each with the path of its file.
const FILES: [(&str, &str); 26] = [
    (
        "admin.conf",
        "apiVersion: v1\nkind: Config\nusers:\n- name: a\n  user:\n    token: @\n    client-key-data: @\n    password: \"@\"\n",
    ),
    (
        "admin.conf",
        "{\"kind\":\"Config\",\"apiVersion\":\"v1\",\"users\":[{\"name\":\"a\",\"user\":{\"token\":\"@\"}}]}",
    ),
    (
        "exec.conf",
        "kind: Config\napiVersion: v1\nusers:\n- name: a\n  user:\n    exec:\n      command: aws\n      args: [--token, \"@\"]\n      env:\n      - name: AWS_SECRET_ACCESS_KEY\n        value: @\n",
    ),
    (
        "enc.yaml",
        "apiVersion: apiserver.config.k8s.io/v1\nkind: EncryptionConfiguration\nresources:\n- resources: [secrets]\n  providers:\n  - aescbc:\n      keys:\n      - name: key1\n        secret: @\n",
    ),
    (
        "secret.yaml",
        "apiVersion: v1\nkind: Secret\nmetadata:\n  name: a\nstringData:\n  config: |\n    a: @\n    b: @\ndata:\n  x: @\n",
    ),
    (
        "cm.yaml",
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\ndata:\n  app.properties: |\n    db.url=jdbc:postgresql://db/x?password=@\n  other: @-x1\n",
    ),
    (
        "pod.yaml",
        "apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\n  annotations:\n    kubectl.kubernetes.io/last-applied-configuration: |\n      {\"spec\": \"@\"}\nspec:\n  containers:\n  - name: a\n    env:\n    - name: DB_PASS\n      value: @\n    - value: postgres://u:@@db/x\n      name: URL\n    livenessProbe:\n      httpGet:\n        httpHeaders:\n        - name: Authorization\n          value: Bearer @\n        path: /h?token=@\n",
    ),
    (
        "pod.yaml",
        "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers:\n  - name: a\n    command: [sh, -c]\n    args:\n    - |\n      curl -H \"X-Api-Key: @\" https://x\n      export TOKEN='@ and more @'\n",
    ),
    ("x.yaml", "# password: @\na: 1 # token=@\n"),
    (
        "x.yaml",
        "apiVersion: example.com/v1\nkind: Thing\nmetadata:\n  name: a\nspec:\n  apiKey: @\n  nested:\n    auth:\n      value: @\n  url: https://hooks.slack.com/services/T0/B0/@\n  free: x @1 y\n",
    ),
    ("kubelet.env", "KUBELET_EXTRA_ARGS=\"--token=@\"\nDB_PASSWORD=@\nexport API_KEY='@'\n"),
    (
        "x.service",
        "[Service]\nEnvironment=\"TOKEN=@\" PASS=@\nExecStart=/usr/bin/kubelet --token=@ \\\n  --bootstrap-token \\\n  @\n",
    ),
    (
        "config.toml",
        "[plugins.\"io.containerd.grpc.v1.cri\".registry.configs.\"r.example.com\".auth]\n  username = \"u1\"\n  password = \"@\"\n  auth = \"@\"\n[host.\"https://r.example.com\".header]\n  Authorization = [\"Basic @\"]\n  x = '''\n@\n'''\n",
    ),
    ("tokens.csv", "@,admin,1,\"system:masters\"\n"),
    ("auth", "admin:@\n"),
    ("config.json", "{\"auths\": {\"r.example.com\": {\"auth\": \"@\"}}}"),
    ("10-x.conf", "{\n\t\"name\": \"x\",\n\t\"etcd_password\": \"@\"\n}\n"),
    ("key.pem", "-----BEGIN RSA PRIVATE KEY-----\n@\n@\n-----END RSA PRIVATE KEY-----\n"),
    (
        "pem.yaml",
        "kind: Config\napiVersion: v1\nkey: |\n  -----BEGIN PRIVATE KEY-----\n  @\n  -----END PRIVATE KEY-----\nnext: 1\n",
    ),
    ("alias.yaml", "a: &a @x9\npassword: *a\nmore: {<<: {token: @}}\n"),
    ("twice.yaml", "password: @\npassword: true\n"),
    ("broken.yaml", "a: [1\npassword: @\n  token = @\n"),
    (
        "list.yaml",
        "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Secret\n  metadata: {name: a}\n  data: {a: @}\n",
    ),
    (
        "secrets.yaml",
        "apiVersion: v1\nkind: SecretList\nitems:\n- metadata: {name: a}\n  data: {a: @}\n",
    ),
    (
        "kubeadm.yaml",
        "apiVersion: kubeadm.k8s.io/v1beta4\nkind: InitConfiguration\nbootstrapTokens:\n- token: @\n  ttl: 24h0m0s\ncertificateKey: @\nnodeRegistration:\n  kubeletExtraArgs:\n  - name: token\n    value: @\n",
    ),
    ("plain.txt", "the token is @7 and\n Authorization: Bearer @\n"),
];

/// Credentials that a person might have chosen.
const CHOSEN: [&str; 8] = [
    "kl-canary-07-secret",
    "CANARY_TOKEN_17",
    "Tr0ub4dor",
    "hunter2",
    "s3cr3t",
    "Canary07",
    "0xdeadbeefcanary1",
    "correct-horse-battery-staple-1",
];

#[test]
fn no_chosen_credential_leaves_a_file() {
    for canary in CHOSEN {
        for (path, template) in FILES {
            let content = template.replace("@@", "\u{1}").replace('@', canary);
            let content = content.replace('\u{1}', &format!("{canary}@"));
            let redacted = text(path, &content);
            assert!(!redacted.contains(canary), "{path}: {redacted}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn no_canary_leaves_a_file(canary in "[a-zA-Z][a-zA-Z0-9]{10,30}[0-9]") {
        for (path, template) in FILES {
            let content = template.replace("@@", "\u{1}").replace('@', &canary)
                .replace('\u{1}', &format!("{canary}@"));
            let redacted = text(path, &content);
            prop_assert!(!redacted.contains(&canary), "{path}: {redacted}");
            prop_assert_eq!(redacted.matches('\n').count(), content.matches('\n').count(), "{}", path);
            let twice = text(path, &redacted);
            prop_assert_eq!(&twice, &redacted, "{}", path);
        }
    }

    #[test]
    fn redacting_twice_changes_nothing(value in any_value()) {
        let mut once = value;
        object(&mut once);
        let mut twice = once.clone();
        object(&mut twice);
        prop_assert_eq!(once, twice);
    }

    #[test]
    fn any_text_keeps_its_lines(content in "[ -~\n]{0,200}", path in "[a-z]{1,4}(\\.yaml|\\.toml|\\.conf)?") {
        let redacted = text(&path, &content);
        prop_assert_eq!(redacted.matches('\n').count(), content.matches('\n').count());
        prop_assert_eq!(text(&path, &redacted), redacted);
    }

    #[test]
    fn any_command_line_keeps_its_words(words in proptest::collection::vec("[ -~]{0,20}", 0..6)) {
        let once = arguments(&words);
        prop_assert_eq!(once.len(), words.len());
        prop_assert_eq!(arguments(&once), once);
    }
}

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        "[ -~]{0,24}".prop_map(Value::from),
    ];
    let key = prop_oneof![
        "[a-zA-Z]{1,8}",
        Just("password".to_owned()),
        Just("name".to_owned()),
        Just("value".to_owned()),
        Just("kind".to_owned()),
        Just("data".to_owned()),
        Just("args".to_owned()),
        Just("metadata".to_owned()),
        Just("annotations".to_owned()),
    ];
    leaf.prop_recursive(4, 32, 5, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            proptest::collection::btree_map(key.clone(), inner, 0..5)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

#[test]
fn of_a_secret_only_the_keys_stay() {
    let mut secret = json!({
        "apiVersion": "v1", "kind": "Secret", "type": "Opaque",
        "metadata": {
            "name": "a", "namespace": "team", "labels": {"x": "y"},
            "annotations": {"kubectl.kubernetes.io/last-applied-configuration": "canary"},
            "managedFields": [{"manager": "canary"}],
        },
        "data": {"user": "Y2FuYXJ5"}, "stringData": {"pin": "1234"},
    });
    object(&mut secret);
    let text = secret.to_string();
    assert!(!text.contains("canary") && !text.contains("Y2F") && !text.contains("1234"), "{text}");
    assert_eq!(secret["data"], json!({"user": "[redacted]"}));
    assert_eq!(secret["metadata"]["name"], "a");
}

#[test]
fn the_first_argument_is_no_program() {
    let mut pod = json!({
        "apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"},
        "spec": {"containers": [
            {"name": "a", "args": ["hunter2-x", "sleep", "30"]},
            {"name": "b", "command": ["kubelet"], "args": ["--node-ip=10.0.0.1", "--token", "hunter2"]},
        ]},
    });
    object(&mut pod);
    let containers = &pod["spec"]["containers"];
    assert!(!pod.to_string().contains("hunter2"), "{pod}");
    assert_eq!(containers[0]["args"][2], "30");
    assert_eq!(containers[1]["command"], json!(["kubelet"]));
    assert_eq!(containers[1]["args"][0], "--node-ip=10.0.0.1");
    assert_eq!(containers[1]["args"].as_array().unwrap().len(), 3);
}

#[test]
fn environments_keep_only_settings() {
    for (name, value) in [
        ("GOMAXPROCS", "4"),
        ("LOG_LEVEL", "debug"),
        ("HTTP_PROXY", "http://proxy.example.com:3128"),
        ("NO_PROXY", "localhost,127.0.0.1,.svc"),
        ("KUBECONFIG", "/etc/kubernetes/admin.conf"),
        ("ETCD_CLIENT_CERT_AUTH", "true"),
        ("ETCD_NAME", "etcd-0"),
        ("ETCD_INITIAL_CLUSTER", "a=https://10.0.0.1:2380,b=https://10.0.0.2:2380"),
        ("ETCD_KEY_FILE", "/etc/etcd/server.key"),
    ] {
        assert_eq!(environment(name, value), value, "{name}");
    }
    for (name, value) in [
        ("GREETING", "hunter2"),
        ("PIN", "123456"),
        ("DATABASE_URL", "mysql://root:pw@db/x"),
        ("CONN", "Server=db;Password=x"),
        ("SLACK", "https://hooks.slack.com/services/T/B/x"),
        ("HTTP_PROXY", "http://user:pw@proxy:3128"),
        ("ETCD_PASSWORD", "root"),
    ] {
        assert_ne!(environment(name, value), value, "{name}");
    }
}

/// One object with a credential in every place a credential was ever seen in.
fn carrier(canary: &str) -> Value {
    let basic = format!("Basic {canary}");
    let url = format!("https://bot:{canary}@git.example.com/x.git");
    let hook = format!("https://chat.example.com/hooks/{canary}");
    let script = format!(
        "set -e\necho {canary} | base64 -d\nlogin -p '{canary} x' --key={canary}\nA={canary} run"
    );
    let dsn = format!("Server=db;User=sa;Password={canary};");
    let spec = json!({
        "containers": [{
            "name": "a", "image": "registry.example.com/a:1",
            "command": ["sh", "-c", script.clone()],
            "args": ["--password", canary, format!("--token={canary}"), format!("-p{canary}"),
                "-u", format!("admin:{canary}"), "-H", format!("X-Api-Key: {canary}"), url.clone(),
                "--set", format!("auth.password={canary}"), hook.clone(), "--dsn", dsn.clone(),
                format!("password={canary}"), "--header", basic.clone()],
            "env": [
                {"name": "PASSWORD", "value": canary}, {"name": "DATABASE", "value": dsn.clone()},
                {"name": "URL", "value": url.clone()}, {"name": "HOOK", "value": hook.clone()},
                {"name": "X", "value": basic.clone()}, {"name": "JSON", "value": format!("{{\"k\":\"{canary}\"}}")},
            ],
            "livenessProbe": {
                "httpGet": {"path": format!("/live?key={canary}"), "port": 80,
                    "httpHeaders": [{"name": "X-Custom", "value": canary}]},
                "exec": {"command": ["sh", "-c", script.clone()]},
            },
            "lifecycle": {"preStop": {"exec": {"command": ["curl", "-u", format!("a:{canary}"), hook.clone()]}}},
        }],
        "initContainers": [{"name": "b", "args": ["login", url.clone()]}],
        "volumes": [
            {"name": "v", "csi": {"driver": "x", "volumeAttributes": {"clientKey": canary, "options": dsn.clone()}}},
            {"name": "w", "gitRepo": {"repository": url.clone()}},
            {"name": "f", "flexVolume": {"driver": "x/y", "options": {"pass": canary}}},
        ],
    });
    let annotations = json!({
        "kubectl.kubernetes.io/last-applied-configuration": format!("{{\"data\":\"{canary}\"}}"),
        "example.com/token": canary, "example.com/hook": hook.clone(),
        "example.com/config": format!("{{\"auth\": \"{canary}\"}}"), "example.com/note": format!("see {url}"),
    });
    json!({
        "apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": {"name": "a", "annotations": annotations.clone(),
            "managedFields": [{"manager": "x", "fieldsV1": {"f:x": canary}}]},
        "spec": {"template": {"metadata": {"annotations": annotations}, "spec": spec}},
        "status": {"conditions": [{"type": "Ready", "message": format!("denied for {url}: {canary}1")}]},
    })
}

#[test]
fn annotations_of_networks_keep_only_names() {
    let of = |text: &str| {
        let mut pod = json!({
            "apiVersion": "v1", "kind": "Pod",
            "metadata": {"name": "a", "annotations": {"k8s.v1.cni.cncf.io/networks": text}},
        });
        object(&mut pod);
        let once = pod.clone();
        object(&mut pod);
        assert_eq!(pod, once);
        once["metadata"]["annotations"]["k8s.v1.cni.cncf.io/networks"].as_str().unwrap().to_owned()
    };
    assert_eq!(of("l2, other/macvlan-1@net1"), "l2, other/macvlan-1@net1");
    let json = r#"[{"name": "l2", "cni-args": {"password": "hunter2"}}]"#;
    assert_eq!(of(json), r#"[{"name":"l2"}]"#);
    assert!(!of("token=hunter2").contains("hunter2"));
    assert!(!of(r#"[{"name": "hunter2!"}]"#).contains("hunter2"));
}

#[test]
fn no_chosen_credential_leaves_an_object() {
    for canary in CHOSEN {
        let known = carrier(canary);
        let mut unknown = known.clone();
        unknown["apiVersion"] = "example.com/v1".into();
        unknown["kind"] = "Thing".into();
        let nested = json!({"apiVersion": "example.com/v1", "kind": "Thing", "metadata": {"name": "a"},
            "spec": {"raw": known.clone(), "list": [[canary]], "headers": {"X-A": canary}, "tokens": {format!("{canary}1"): "joe"},
                "credentials": {"user": {"name": canary}}, "template": {"kind": "Secret", "stringData": {"a": canary}}}});
        for mut value in [known, unknown, nested] {
            object(&mut value);
            let text = value.to_string();
            let at =
                text.find(canary).map(|at| text.get(at.saturating_sub(80)..).unwrap_or_default());
            assert!(at.is_none(), "{canary}: {at:?}");
        }
    }
}
