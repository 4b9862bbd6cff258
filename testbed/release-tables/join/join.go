package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"

	"k8s.io/kubernetes/cmd/kubeadm/app/constants"

	"kuberlock.dev/testbed/release-tables/part"
)

// table is the whole of one release. Flags are by component.
type table struct {
	release, minor string
	// etcd is the version that kubeadm of the release deploys, etcdFlagsFrom
	// the one whose flags are listed.
	etcd, etcdFlagsFrom string
	flags               map[string][]part.Flag
	gates               []part.FeatureGate
	plugins             []part.AdmissionPlugin
	fields              []part.ConfigurationField
}

func readParts(names []string) ([]part.Part, error) {
	var parts []part.Part
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		var read part.Part
		if err := json.Unmarshal(text, &read); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		parts = append(parts, read)
	}
	return parts, nil
}

func join(parts []part.Part) (*table, error) {
	etcd, _, _ := strings.Cut(constants.DefaultEtcdVersion, "-") // the image's revision follows
	joined := &table{etcd: etcd, flags: map[string][]part.Flag{}}
	for _, read := range parts {
		if err := joined.version(read); err != nil {
			return nil, err
		}
		joined.flags[read.Component] = read.Flags
		joined.plugins = append(joined.plugins, read.AdmissionPlugins...)
		joined.fields = append(joined.fields, read.KubeletConfiguration...)
	}
	var err error
	joined.gates, err = union(parts)
	return joined, err
}

func (t *table) version(read part.Part) error {
	if read.Component == "etcd" {
		t.etcdFlagsFrom = read.Version
		return nil
	}
	if t.release != "" && t.release != read.Version {
		return fmt.Errorf("%s is of %s, another component of %s", read.Component, read.Version, t.release)
	}
	t.release = read.Version
	t.minor = read.Version[:strings.LastIndex(read.Version, ".")]
	return nil
}
