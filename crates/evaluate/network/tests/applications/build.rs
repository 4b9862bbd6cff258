//! Words become objects and flows.

use std::collections::BTreeMap;
use std::net::IpAddr;

use kuberlock_model::flow::{FlowEnd, FlowKey, FlowSet, Observation, Place, Tally};
use kuberlock_model::network::{
    Backend, BackendPort, Protocol, Route, Service, ServicePort, ServiceType, TargetPort,
};
use kuberlock_model::object::{Controller, Namespace, Node};
use kuberlock_model::workload::{
    Container, ContainerList, ContainerPort, Pod, PodSpec, Probes, Resources, Workload,
};
use kuberlock_model::{Change, Cluster, FieldPath, Kind, Metadata, Object, Origin, Timestamp};

/// An application: its cluster without policies, and the flows that were seen.
pub struct Application {
    pub name: &'static str,
    pub cluster: Cluster,
    pub flows: FlowSet,
}

const DNS: &str = "namespace kube-system
deployment coredns x2 dns:53/udp dns-tcp:53 label:k8s-app=kube-dns
service kube-dns 53>dns/udp 53>dns-tcp
";

#[derive(Default)]
struct Builder {
    objects: Vec<Object>,
    namespace: String,
    pods: BTreeMap<(String, String), Vec<Pod>>,
    workloads: BTreeMap<(String, String), BTreeMap<String, String>>,
    flows: FlowSet,
    lines: u64,
}

impl Application {
    pub fn read(name: &'static str, text: &str) -> Self {
        let mut builder = Builder::default();
        for node in 1..=2 {
            builder.objects.push(Object::Node(Node {
                metadata: metadata(None, &format!("node-{node}"), BTreeMap::new()),
                kubelet_version: None,
                container_runtime: None,
                os_image: None,
                addresses: [format!("192.168.0.{node}").parse().unwrap()].into(),
            }));
        }
        for line in DNS.lines().chain(text.lines()).map(str::trim).filter(|l| !l.is_empty()) {
            builder.line(line);
        }
        builder.ask_dns();
        let mut cluster = Cluster::default();
        builder.objects.into_iter().map(Change::upsert).for_each(|change| cluster.apply(change));
        Self { name, cluster, flows: builder.flows }
    }
}

impl Builder {
    fn line(&mut self, line: &str) {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words[0] {
            "namespace" => {
                self.namespace = words[1].to_owned();
                let labels = words[2..].iter().map(|word| pair(word)).collect();
                let metadata = metadata(None, words[1], labels);
                self.objects.push(Object::Namespace(Namespace { metadata }));
            }
            "service" => self.service(&words[1..]),
            "ingress" => self.ingress(words[1], words[2]),
            "flow" => {
                let to = words[3].rsplit_once(':').unwrap();
                let (port, protocol) = number(to.1);
                self.flow(words[1], to.0, protocol, port, Observation::Forwarded);
            }
            kind => self.workload(kind, &words[1..]),
        }
    }

    fn workload(&mut self, kind: &str, words: &[&str]) {
        let name = words[0];
        let kind = match kind {
            "deployment" => Kind::Deployment,
            "statefulset" => Kind::StatefulSet,
            "daemonset" => Kind::DaemonSet,
            "cronjob" => Kind::CronJob,
            other => panic!("`{other}` is no kind"),
        };
        let mut labels: BTreeMap<String, String> = [("app".to_owned(), name.to_owned())].into();
        let mut spec = PodSpec { service_account: "default".to_owned(), ..PodSpec::default() };
        let mut container = container();
        let mut count = 1;
        for word in &words[1..] {
            if let Some(replicas) = word.strip_prefix('x').and_then(|n| n.parse().ok()) {
                count = replicas;
            } else if *word == "host" {
                spec.host_network = true;
            } else if let Some(label) = word.strip_prefix("label:") {
                labels.extend([pair(label)]);
            } else if word.contains('=') {
                container.environment.push(pair(word));
            } else {
                let (name, port) = word.split_once(':').unwrap();
                let (port, protocol) = number(port);
                let port = ContainerPort { name: Some(name.into()), protocol, port };
                container.ports = container.ports.iter().cloned().chain([port]).collect();
            }
        }
        spec.containers.push(container);
        let own = Workload {
            kind,
            metadata: metadata(Some(&self.namespace), name, BTreeMap::new()),
            pod_labels: labels.clone(),
            pod_annotations: BTreeMap::new(),
            spec: spec.clone(),
            claims: Box::default(),
            replicas: None,
        };
        self.objects.push(Object::Workload(own));
        let pods = (0..count).map(|number| self.pod(kind, name, number, &labels, &spec)).collect();
        self.workloads.insert((self.namespace.clone(), name.to_owned()), labels);
        self.pods.insert((self.namespace.clone(), name.to_owned()), pods);
    }

    fn pod(
        &mut self,
        kind: Kind,
        name: &str,
        number: usize,
        labels: &BTreeMap<String, String>,
        spec: &PodSpec,
    ) -> Pod {
        let mut labels = labels.clone();
        let (owner_kind, owner, pod) = match kind {
            Kind::Deployment => {
                labels.insert("pod-template-hash".into(), "6f9cd4b7f8".into());
                let set = format!("{name}-6f9cd4b7f8");
                ("ReplicaSet", set.clone(), format!("{set}-x2x4{number}"))
            }
            Kind::StatefulSet => {
                labels.insert(
                    "statefulset.kubernetes.io/pod-name".into(),
                    format!("{name}-{number}"),
                );
                ("StatefulSet", name.to_owned(), format!("{name}-{number}"))
            }
            Kind::CronJob => {
                let job = format!("{name}-29365440");
                labels.insert("batch.kubernetes.io/job-name".into(), job.clone());
                ("Job", job.clone(), format!("{job}-x2x4{number}"))
            }
            _ => ("DaemonSet", name.to_owned(), format!("{name}-x2x4{number}")),
        };
        self.middle(kind, name, owner_kind, &owner, spec, &labels);
        let own = self.objects.len();
        let node = number % 2 + 1;
        let address = match spec.host_network {
            true => format!("192.168.0.{node}"),
            false => format!("10.244.{}.{}", own / 250, own % 250 + 1),
        };
        let group = if owner_kind == "Job" { "batch" } else { "apps" };
        let mut metadata = metadata(Some(&self.namespace), &pod, labels);
        metadata.controller = Some(controller(group, owner_kind, &owner));
        let pod = Pod {
            metadata,
            spec: PodSpec { node_name: Some(format!("node-{node}").into()), ..spec.clone() },
            finished: false,
            addresses: [address.parse().unwrap()].into(),
        };
        self.objects.push(Object::Pod(pod.clone()));
        pod
    }

    /// The ReplicaSet of a Deployment, the Job of a CronJob.
    fn middle(
        &mut self,
        kind: Kind,
        name: &str,
        made: &str,
        middle: &str,
        spec: &PodSpec,
        labels: &BTreeMap<String, String>,
    ) {
        let (made, group) = match made {
            "ReplicaSet" => (Kind::ReplicaSet, "apps"),
            "Job" => (Kind::Job, "batch"),
            _ => return,
        };
        let mut metadata = metadata(Some(&self.namespace), middle, BTreeMap::new());
        metadata.controller = Some(controller(group, kind.names().name, name));
        self.objects.push(Object::Workload(Workload {
            kind: made,
            metadata,
            pod_labels: labels.clone(),
            pod_annotations: BTreeMap::new(),
            spec: spec.clone(),
            claims: Box::default(),
            replicas: None,
        }));
    }

    fn service(&mut self, words: &[&str]) {
        let name = words[0];
        // A service for a workload of another name: `service kube-dns`.
        let own = (self.namespace.clone(), name.to_owned());
        let labels = match self.workloads.get(&own) {
            Some(labels) => labels.clone(),
            None => self.workloads.iter().find(|(key, _)| key.0 == own.0).unwrap().1.clone(),
        };
        let mut service = Service {
            metadata: metadata(Some(&self.namespace), name, labels.clone()),
            selector: labels.into_iter().collect(),
            service_type: ServiceType::ClusterIp,
            cluster_ips: [format!("10.96.0.{}", self.objects.len() % 250 + 1).parse().unwrap()]
                .into(),
            headless: false,
            ports: Box::default(),
        };
        for word in &words[1..] {
            match *word {
                "headless" => (service.headless, service.cluster_ips) = (true, Box::default()),
                "loadbalancer" => service.service_type = ServiceType::LoadBalancer,
                word => {
                    let (port, target) = word.split_once('>').unwrap();
                    let (target, udp) = target.split_once('/').unwrap_or((target, "tcp"));
                    let port = ServicePort {
                        name: None,
                        protocol: if udp == "udp" { Protocol::Udp } else { Protocol::Tcp },
                        port: port.parse().unwrap(),
                        target: match target.parse() {
                            Ok(number) => TargetPort::Number(number),
                            Err(_) => TargetPort::Name(target.into()),
                        },
                        node_port: None,
                    };
                    service.ports = service.ports.iter().cloned().chain([port]).collect();
                }
            }
        }
        self.objects.push(Object::Service(service));
    }

    fn ingress(&mut self, service: &str, port: &str) {
        self.objects.push(Object::Route(Route {
            kind: Kind::Ingress,
            metadata: metadata(Some(&self.namespace), service, BTreeMap::new()),
            hosts: Box::default(),
            class: Some("nginx".into()),
            parents: Box::default(),
            backends: [Backend {
                namespace: self.namespace.as_str().into(),
                service: service.into(),
                port: BackendPort::Number(port.parse().unwrap()),
                path: FieldPath::of("spec.rules[0].http.paths[0].backend"),
            }]
            .into(),
        }));
    }

    fn addresses(&self, end: &str) -> Vec<IpAddr> {
        if let Ok(address) = end.parse() {
            return vec![address];
        }
        let (namespace, name) = end.split_once('/').unwrap_or((&self.namespace, end));
        let key = (namespace.to_owned(), name.to_owned());
        let pods = self.pods.get(&key).unwrap_or_else(|| panic!("no `{end}`"));
        pods.iter().map(|pod| pod.addresses[0]).collect()
    }

    /// Flows between all pods of both ends; every third is seen as its reply.
    fn flow(&mut self, from: &str, to: &str, protocol: Protocol, port: u16, what: Observation) {
        for from in self.addresses(from) {
            for to in self.addresses(to).into_iter().filter(|to| *to != from) {
                self.lines += 1;
                let client = 40_000 + (self.lines % 20_000) as u16;
                let (ends, ports) = match self.lines % 3 {
                    0 => ([to, from], [port, client]),
                    _ => ([from, to], [client, port]),
                };
                let mut key = FlowKey::of(ends.map(FlowEnd::at), protocol, ports);
                key.observation = what;
                let moment = Timestamp::from_second(1_760_000_000 + 9_000 * self.lines as i64);
                let place = Place { source: "flows".into(), line: self.lines };
                self.flows.push(key, Tally::once(place, moment.ok()));
            }
        }
    }

    fn ask_dns(&mut self) {
        let own: Vec<(String, String)> =
            self.pods.keys().filter(|(namespace, _)| namespace != "kube-system").cloned().collect();
        for (namespace, name) in own {
            let from = format!("{namespace}/{name}");
            self.flow(&from, "kube-system/coredns", Protocol::Udp, 53, Observation::Forwarded);
        }
    }
}

fn pair(word: &str) -> (String, String) {
    let (key, value) = word.split_once('=').unwrap();
    (key.to_owned(), value.to_owned())
}

fn number(text: &str) -> (u16, Protocol) {
    let (number, protocol) = text.split_once('/').unwrap_or((text, "tcp"));
    (number.parse().unwrap(), Protocol::find(&protocol.to_uppercase()).unwrap())
}

fn metadata(namespace: Option<&str>, name: &str, labels: BTreeMap<String, String>) -> Metadata {
    Metadata {
        name: name.to_owned(),
        namespace: namespace.map(str::to_owned),
        uid: None,
        labels,
        annotations: BTreeMap::new(),
        controller: None,
        origin: Origin::whole("app.yaml"),
    }
}

fn controller(group: &str, kind: &str, name: &str) -> Controller {
    Controller { group: group.to_owned(), kind: kind.to_owned(), name: name.to_owned() }
}

fn container() -> Container {
    Container {
        name: "main".to_owned(),
        list: ContainerList::Ordinary,
        index: 0,
        image: String::new(),
        pull_policy: None,
        command: Vec::new(),
        args: Vec::new(),
        environment: Vec::new(),
        variables: Box::default(),
        security: None,
        resources: Resources::default(),
        probes: Probes::default(),
        is_sidecar: false,
        ports: Box::default(),
        host_ports: Box::default(),
        host_mounts: Box::default(),
        handler_hosts: Box::default(),
    }
}
