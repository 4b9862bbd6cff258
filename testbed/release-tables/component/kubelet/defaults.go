package main

import (
	"context"
	"maps"
	"os"
	"path/filepath"

	kubeletv1beta1 "k8s.io/kubelet/config/v1beta1"
	"k8s.io/kubernetes/cmd/kubelet/app/options"
	kubeletconfig "k8s.io/kubernetes/pkg/kubelet/apis/config"
	"k8s.io/kubernetes/pkg/kubelet/apis/config/scheme"
	"k8s.io/kubernetes/pkg/kubelet/eviction"
	"k8s.io/kubernetes/pkg/kubelet/kubeletconfig/configfiles"
	utilfs "k8s.io/kubernetes/pkg/util/filesystem"
)

// nothing is the shortest file that the kubelet reads.
const nothing = "apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n"

// fileDefaults is what a configuration file that sets nothing means to the
// kubelet's own loader, with the thresholds that the kubelet adds on reading.
func fileDefaults() (*kubeletv1beta1.KubeletConfiguration, error) {
	directory, err := os.MkdirTemp("", "")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(directory)
	file := filepath.Join(directory, "config.yaml")
	if err := os.WriteFile(file, []byte(nothing), 0o600); err != nil {
		return nil, err
	}
	loader, err := configfiles.NewFsLoader(&utilfs.DefaultFs{}, file)
	if err != nil {
		return nil, err
	}
	config, err := loader.Load(context.Background())
	if err != nil {
		return nil, err
	}
	if config.EvictionHard == nil {
		config.EvictionHard = maps.Clone(eviction.DefaultEvictionHard)
	}
	return versioned(config)
}

// flagDefaults is what a kubelet without a configuration file begins with.
func flagDefaults() (*kubeletv1beta1.KubeletConfiguration, error) {
	config, err := options.NewKubeletConfiguration()
	if err != nil {
		return nil, err
	}
	return versioned(config)
}

func versioned(config *kubeletconfig.KubeletConfiguration) (*kubeletv1beta1.KubeletConfiguration, error) {
	known, _, err := scheme.NewSchemeAndCodecs()
	if err != nil {
		return nil, err
	}
	converted := &kubeletv1beta1.KubeletConfiguration{}
	return converted, known.Convert(config, converted, nil)
}
