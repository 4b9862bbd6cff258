//! Each form with a small sample of its own; broken lines in each; hostile input.

use std::io::Write;

use kuberlock_model::flow::{Entity, FlowKey, FlowSet, Ignored, Observation, Observer, Tally};
use kuberlock_model::network::{Direction, Protocol};
use proptest::prelude::*;

use super::{read, read_from};

fn reading(text: &str, observer: Option<Observer>) -> (FlowSet, Observer) {
    let mut set = FlowSet::default();
    let observer = read_from("sample", text.as_bytes(), observer, &mut set).unwrap();
    (set, observer)
}

fn detected(text: &str, observer: Observer) -> FlowSet {
    let (set, found) = reading(text, None);
    assert_eq!(found, observer);
    assert_eq!(set.sources().collect::<Vec<_>>(), [("sample", observer)]);
    set
}

fn flows(set: &FlowSet) -> Vec<(FlowKey, Tally)> {
    set.flows().map(|(key, tally)| (key.clone(), tally.clone())).collect()
}

fn faults(set: &FlowSet) -> Vec<u64> {
    set.faults().map(|(place, _)| place.line).collect()
}

fn ignored(set: &FlowSet, why: Ignored) -> u64 {
    set.ignored().find(|(reason, _)| *reason == why).map_or(0, |(_, count)| count)
}

const HUBBLE: &str = r#"{"flow":{"time":"2026-11-02T10:00:00.5Z","verdict":"FORWARDED","IP":{"source":"10.0.1.5","destination":"10.0.2.7","ipVersion":"IPv4"},"l4":{"TCP":{"source_port":41234,"destination_port":5432,"flags":{"SYN":true}}},"source":{"ID":7,"identity":1001,"namespace":"shop","labels":["k8s:app=web","k8s:io.kubernetes.pod.namespace=shop","k8s:io.cilium.k8s.policy.cluster=default"],"pod_name":"web-6f9c-abcde","workloads":[{"name":"web","kind":"Deployment"}]},"destination":{"identity":1002,"namespace":"shop","labels":["k8s:app=db"],"pod_name":"db-0"},"Type":"L3_L4","node_name":"worker-1","event_type":{"type":4},"traffic_direction":"EGRESS","is_reply":false,"Summary":"TCP Flags: SYN"},"node_name":"worker-1","time":"2026-11-02T10:00:00.5Z"}
{"time":"2026-11-03T10:00:00Z","verdict":"DROPPED","drop_reason_desc":"POLICY_DENIED","IP":{"source":"10.0.1.5","destination":"203.0.113.9"},"l4":{"UDP":{"source_port":40000,"destination_port":123}},"source":{"namespace":"shop","pod_name":"web-6f9c-abcde"},"destination":{"identity":2,"labels":["reserved:world"]},"event_type":{"type":5},"traffic_direction":"EGRESS"}
{"flow":{"time":"2026-11-03T10:00:01Z","verdict":"FORWARDED","IP":{"source":"10.0.2.7","destination":"10.0.1.5"},"l4":{"TCP":{"source_port":5432,"destination_port":41234}},"is_reply":true}}
{"flow":{"time":"2026-11-03T10:00:02Z","verdict":"FORWARDED","IP":{"source":"192.168.1.2","destination":"10.0.1.5"},"l4":{"TCP":{"source_port":50000,"destination_port":8080}},"source":{"labels":["reserved:kube-apiserver","reserved:remote-node"]},"is_reply":false}}
{"flow":{"verdict":"FORWARDED","IP":{"source":"10.0.1.5","destination":"10.0.2.7"},"l4":{"ICMPv4":{"type":8}}}}
{"flow":{"verdict":"FORWARDED","IP":{"source":"10.0.1.5","destination":"nonsense"},"l4":{"TCP":{"source_port":1,"destination_port":2}}}}
{"flow":{"verdict":"FORWARDED","l4":{"TCP":{"source_port":99999}}}}
{"flow": {"verdict"
{"lost_events":{"source":"PERF_EVENT_RING_BUFFER","num_events_lost":"12"},"node_name":"worker-1"}
"#;

#[test]
fn hubble() {
    let set = detected(HUBBLE, Observer::Hubble);
    assert_eq!((set.records(), faults(&set)), (4, vec![6, 7, 8]));
    assert_eq!((ignored(&set, Ignored::Protocol), ignored(&set, Ignored::Lost)), (1, 12));
    assert_eq!(set.period().unwrap().seconds(), 86_402);
    let flows = flows(&set);
    let opening = &flows.iter().find(|(key, _)| key.destination_port == Some(5432)).unwrap();
    let (key, tally) = opening;
    assert_eq!(key.source.workload.as_deref(), Some("web"));
    assert_eq!(key.source.pod.as_deref(), Some("web-6f9c-abcde"));
    assert_eq!(key.source.labels, [("app".to_owned(), "web".to_owned())].into());
    assert_eq!(key.direction, Some(Direction::Egress));
    assert_eq!((key.reply, key.source_port), (Some(false), None));
    assert_eq!((key.observation, tally.place.line), (Observation::Forwarded, 1));
    let dropped = flows.iter().find(|(key, _)| key.observation == Observation::Dropped).unwrap();
    assert_eq!(dropped.0.destination.entity, Some(Entity::World));
    assert_eq!((dropped.0.protocol, dropped.0.destination_port), (Protocol::Udp, Some(123)));
    let reply = flows.iter().find(|(key, _)| key.reply == Some(true)).unwrap();
    assert_eq!((reply.0.source_port, reply.0.destination_port), (Some(5432), None));
    assert!(flows.iter().any(|(key, _)| key.source.entity == Some(Entity::ApiServer)));
}

const LOG: &str = r#"{"ts":1761991200000.25,"caller":"main.go:1","msg":"Starting"}
{"ts":1761991201000.5,"msg":"Evaluating packet","id":9,"direction":"Egress","srcPod":"shop/web-1","dstPod":"shop/db-0","packet":{"ID":9,"Family":"IPv4","SrcIP":"10.0.1.5","DstIP":"10.0.2.7","Proto":"TCP","SrcPort":40243,"DstPort":5432}}
{"ts":1761991201000.6,"msg":"Evaluating packet","id":9,"direction":"Ingress","srcPod":"shop/web-1","dstPod":"shop/db-0","packet":{"ID":9,"Family":"IPv4","SrcIP":"10.0.1.5","DstIP":"10.0.2.7","Proto":"TCP","SrcPort":40243,"DstPort":5432}}
{"ts":1761991201000.7,"msg":"Packet denied by ingress policy","v":2,"id":9}
{"ts":1761991202000,"msg":"Evaluating packet","id":9,"direction":"Egress","srcPod":"shop/web-1","dstPod":"external","packet":{"ID":9,"SrcIP":"10.0.1.5","DstIP":"2001:db8::9","Proto":"UDP","SrcPort":53001,"DstPort":53}}
{"ts":1761991202001,"msg":"Packet accepted by policy","v":2,"id":9}
{"ts":1761991203000,"msg":"Evaluating packet","id":10,"srcPod":"shop/web-1","dstPod":"external","packet":{"SrcIP":"10.0.1.5","DstIP":"10.0.9.9","Proto":"ICMP"}}
{"ts":1761991204000,"msg":"Evaluating packet","id":11,"srcPod":"a/b","dstPod":"external","packet":{"SrcIP":"10.0.1.5","DstIP":"10.0.9.9","Proto":"TCP","SrcPort":50000,"DstPort":443}}
I1102 10:00:00.000000 1 logging.go:67] "Evaluating packet"
"#;

#[test]
fn kube_network_policies() {
    let set = detected(LOG, Observer::KubeNetworkPolicies);
    assert_eq!((set.records(), faults(&set)), (3, vec![9]));
    let flows = flows(&set);
    let of = |port| flows.iter().find(|(key, _)| key.destination_port == Some(port)).unwrap();
    assert_eq!(of(5432).0.observation, Observation::Dropped);
    assert_eq!(of(5432).0.destination.pod.as_deref(), Some("db-0"));
    assert_eq!(of(5432).1.count, 1);
    assert_eq!(of(53).0.observation, Observation::Forwarded);
    assert_eq!(of(53).0.destination.pod, None);
    // No verdict came before the end.
    assert_eq!(of(443).0.observation, Observation::Untold);
    assert_eq!((ignored(&set, Ignored::Protocol), ignored(&set, Ignored::NoFlow)), (1, 1));
    assert_eq!(of(443).1.period.unwrap().last.as_second(), 1_761_991_204);
}

const CALICO: &str = r#"{"start_time":1761991200,"end_time":1761991500,"action":"allow","bytes_in":10,"bytes_out":20,"dest_ip":"10.0.2.7","dest_name":"-","dest_name_aggr":"db-*","dest_namespace":"shop","dest_port":5432,"dest_type":"wep","dest_labels":{"labels":["app=db","tier=data"]},"reporter":"dst","num_flows_started":3,"proto":"tcp","source_ip":null,"source_name":"-","source_name_aggr":"web-6f9c-*","source_namespace":"shop","source_type":"wep"}
{"items":[{"start_time":"2026-11-02T10:00:00Z","end_time":"2026-11-02T10:00:15Z","action":"Deny","source_name":"web-6f9c-*","source_namespace":"shop","source_labels":"app=web | tier=front","dest_name":"pub","dest_namespace":"-","dest_type":"Network","protocol":"tcp","dest_port":"443","reporter":"Src"},{"protocol":"tcp","dest_name":"x"}]}
{"flow":{"Key":{"sourceName":"web-6f9c-*","sourceNamespace":"shop","sourceType":"WorkloadEndpoint","destName":"db-*","destNamespace":"shop","destType":"WorkloadEndpoint","destPort":"5432","proto":"tcp","reporter":"Src","action":"Allow"},"startTime":"1761991600","numConnectionsStarted":"2"}}
{"start_time":1,"proto":"icmp","dest_type":"wep","dest_port":null}
{"dest_type":"wep","proto":"tcp","dest_port":"http"}
"#;

#[test]
fn calico() {
    let set = detected(CALICO, Observer::Calico);
    assert_eq!((set.records(), faults(&set)), (3, vec![2, 5]));
    assert_eq!(ignored(&set, Ignored::Protocol), 1);
    let flows = flows(&set);
    let labelled = flows.iter().find(|(key, _)| !key.destination.labels.is_empty()).unwrap();
    assert_eq!(labelled.0.destination.labels["tier"], "data");
    assert_eq!(labelled.0.destination.workload.as_deref(), Some("db-*"));
    assert_eq!(labelled.0.destination.pod, None);
    assert_eq!((labelled.1.count, labelled.1.bytes), (3, Some(30)));
    assert_eq!(labelled.1.period.unwrap().seconds(), 300);
    let denied = flows.iter().find(|(key, _)| key.observation == Observation::Dropped).unwrap();
    assert_eq!(denied.0.destination.entity, Some(Entity::World));
    assert_eq!(denied.0.source.labels["tier"], "front");
    assert!(flows.iter().any(|(_, tally)| tally.count == 2));
}

const CONNTRACK: &str = "tcp      6 431999 ESTABLISHED src=10.0.1.5 dst=10.96.0.20 sport=40000 dport=80 packets=4 bytes=300 src=10.0.2.7 dst=10.0.1.5 sport=8080 dport=40000 packets=3 bytes=200 [ASSURED] mark=0 use=1
ipv4     2 udp      17 29 src=10.0.1.5 dst=10.96.0.10 sport=53001 dport=53 [UNREPLIED] src=10.0.3.3 dst=10.0.1.5 sport=53 dport=53001 mark=0 zone=0 use=2
ipv6     10 tcp      6 100 TIME_WAIT src=2001:db8::5 dst=2001:db8::7 sport=40000 dport=443 src=2001:db8::7 dst=2001:db8::5 sport=443 dport=40000 [ASSURED] mark=0 use=1
icmp     1 29 src=10.0.1.5 dst=10.0.2.7 type=8 code=0 id=1 src=10.0.2.7 dst=10.0.1.5 type=0 code=0 id=1 mark=0 use=1
tcp      6 100 ESTABLISHED src=127.0.0.1 dst=127.0.0.1 sport=40000 dport=2379 src=127.0.0.1 dst=127.0.0.1 sport=2379 dport=40000 use=1
tcp      6 100 ESTABLISHED src=10.0.1.500 dst=10.0.2.7 sport=1 dport=2
conntrack v1.4.8 (conntrack-tools): 5 flow entries have been shown.
";

#[test]
fn conntrack() {
    let set = detected(CONNTRACK, Observer::Conntrack);
    assert_eq!((set.records(), faults(&set), set.period()), (3, vec![6], None));
    assert_eq!((ignored(&set, Ignored::Protocol), ignored(&set, Ignored::Local)), (1, 1));
    let flows = flows(&set);
    // Behind the service: the pod and its port.
    let web = flows.iter().find(|(key, _)| key.destination_port == Some(8080)).unwrap();
    assert_eq!(web.0.destination.address, Some("10.0.2.7".parse().unwrap()));
    assert_eq!((web.1.bytes, web.0.observation), (Some(500), Observation::Forwarded));
    let dns = flows.iter().find(|(key, _)| key.destination_port == Some(53)).unwrap();
    assert_eq!(dns.0.observation, Observation::Untold);
}

const VPC: &str = "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status
2 123456789012 eni-1 10.0.1.5 10.0.2.7 41000 5432 6 10 840 1761991200 1761991260 ACCEPT OK
2 123456789012 eni-1 10.0.2.7 10.0.1.5 5432 41000 6 10 840 1761991200 1761991260 ACCEPT OK
2 123456789012 eni-1 10.0.1.5 203.0.113.4 41001 25 6 1 40 1761991200 1761991260 REJECT OK
2 123456789012 eni-1 - - - - - - - 1761991260 1761991320 - NODATA
2 123456789012 eni-1 10.0.1.5 10.0.2.7 0 0 1 4 336 1761991200 1761991260 ACCEPT OK
2 123456789012 eni-1 10.0.1.5 10.0.2.7 0
";

#[test]
fn vpc() {
    let set = detected(VPC, Observer::Vpc);
    assert_eq!((set.records(), faults(&set)), (3, vec![7]));
    let flows = flows(&set);
    assert!(flows.iter().any(|(key, _)| key.source_port == Some(5432) && key.reply.is_none()));
    let rejected = flows.iter().find(|(key, _)| key.observation == Observation::Dropped).unwrap();
    assert_eq!((rejected.0.destination_port, rejected.1.bytes), (Some(25), Some(40)));
    let custom = "srcaddr dstaddr pkt-srcaddr pkt-dstaddr srcport dstport protocol tcp-flags flow-direction action\n\
        192.168.0.1 192.168.0.2 10.0.1.5 10.0.2.7 9000 9001 6 2 egress ACCEPT\n\
        192.168.0.2 192.168.0.1 10.0.2.7 10.0.1.5 9001 9000 6 18 ingress ACCEPT\n";
    let set = detected(custom, Observer::Vpc);
    let flows = self::flows(&set);
    assert_eq!(flows[0].0.source.address, Some("10.0.1.5".parse().unwrap()));
    assert_eq!((flows[0].0.reply, flows[0].0.destination_port), (Some(false), Some(9001)));
    assert_eq!((flows[1].0.reply, flows[1].0.source_port), (Some(true), Some(9001)));
}

#[test]
fn csv() {
    let text = "src,dst,protocol,port,count,first,last,verdict\n\
        shop/web-1,shop/db-0,TCP,5432,12,2026-11-01T00:00:00Z,2026-11-08T00:00:00Z,forwarded\n\
        node/worker-1,10.0.2.7,udp,53,,,,\n\
        \"world\",shop/web-1,tcp,8080,1,1761991200,,dropped\n\
        shop/web-1,shop/db-0,TCP,99999,1,,,\n\
        shop/web-1,TCP\n";
    let set = detected(text, Observer::Csv);
    assert_eq!((set.records(), faults(&set)), (3, vec![5, 6]));
    let flows = flows(&set);
    let first = flows.iter().find(|(key, _)| key.destination_port == Some(5432)).unwrap();
    assert_eq!((first.1.count, first.1.period.unwrap().seconds()), (12, 7 * 86_400));
    assert!(flows.iter().any(|(key, _)| key.source.node.as_deref() == Some("worker-1")));
    assert!(flows.iter().any(|(key, _)| key.observation == Observation::Dropped));
}

#[test]
fn packed_files_read_as_plain_ones() {
    let folder = tempfile::tempdir().unwrap();
    let plain = folder.path().join("flows");
    std::fs::write(&plain, CONNTRACK).unwrap();
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(CONNTRACK.as_bytes()).unwrap();
    let packed = gzip.finish().unwrap();
    std::fs::write(folder.path().join("gz"), &packed).unwrap();
    std::fs::write(folder.path().join("broken"), &packed[..packed.len() - 20]).unwrap();
    let zstd = zstd::encode_all(CONNTRACK.as_bytes(), 1).unwrap();
    std::fs::write(folder.path().join("zst"), zstd).unwrap();
    let of = |name: &str| {
        let mut set = FlowSet::default();
        read(&folder.path().join(name), None, &mut set).unwrap();
        set
    };
    let keys = |set: &FlowSet| flows(set).into_iter().map(|(key, _)| key).collect::<Vec<_>>();
    for name in ["gz", "zst"] {
        assert_eq!(keys(&of(name)), keys(&of("flows")), "{name}");
    }
    assert!(of("broken").unreadable() >= 1);
    let missing = read(&folder.path().join("none"), None, &mut FlowSet::default());
    assert!(missing.is_err());
}

#[test]
fn what_holds_no_flows_is_refused_and_not_empty() {
    for text in ["", "hello\nworld\n", "{}\n", "apiVersion: v1\nkind: Pod\n"] {
        let mut set = FlowSet::default();
        assert!(read_from("x", text.as_bytes(), None, &mut set).is_err(), "{text:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// Whatever a file holds: no panic, every line counted once, and nothing in its own terms read
    /// twice in two ways.
    #[test]
    fn no_input_stops_a_reader(
        cuts in prop::collection::vec((0_usize..6, any::<prop::sample::Index>(), ".{0,12}"), 0..8),
        observer in 0_usize..6,
    ) {
        let samples = [HUBBLE, LOG, CALICO, CONNTRACK, VPC, "src,dst,protocol,port\na/b,c/d,tcp,1\n"];
        let mut text = samples[observer].to_owned();
        for (from, at, insert) in &cuts {
            let mut at = at.index(text.len() + 1);
            while !text.is_char_boundary(at) {
                at -= 1;
            }
            match from {
                0 => text.truncate(at),
                1 => text.insert_str(at, insert),
                2 => text.insert_str(at, samples[insert.len() % 6]),
                3 => text.insert(at, '\u{0}'),
                4 => text.insert_str(at, "99999999999999999999"),
                _ => text.insert(at, '"'),
            }
        }
        for named in [None, Some(Observer::ALL[observer])] {
            let mut set = FlowSet::default();
            if read_from("x", text.as_bytes(), named, &mut set).is_ok() {
                let lines = text.lines().count() as u64;
                // A page of Goldmane may hold a bad flow beside others.
                prop_assert!(set.unreadable() <= lines + 8 * cuts.len() as u64 + 2);
                prop_assert!(set.len() as u64 <= set.records());
            }
        }
    }
}
