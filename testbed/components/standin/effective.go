package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"path/filepath"

	jsonpatch "gopkg.in/evanphx/json-patch.v4"
	utilfeature "k8s.io/apiserver/pkg/util/feature"
	logsapi "k8s.io/component-base/logs/api/v1"
	kubeletv1beta1 "k8s.io/kubelet/config/v1beta1"
	"k8s.io/kubernetes/cmd/kubelet/app/options"
	kubeletconfig "k8s.io/kubernetes/pkg/kubelet/apis/config"
	"k8s.io/kubernetes/pkg/kubelet/apis/config/v1beta1"
	"k8s.io/kubernetes/pkg/kubelet/apis/config/validation"
	"k8s.io/kubernetes/pkg/kubelet/eviction"
	"k8s.io/kubernetes/pkg/kubelet/kubeletconfig/configfiles"
	utilfs "k8s.io/kubernetes/pkg/util/filesystem"

	_ "k8s.io/component-base/logs/json/register" // makes logging.format json valid
)

// effective gives the configuration in force: the file, or the defaults of the
// flags where there is none; the drop-ins over it; the flags over both.
func effective(ctx context.Context, asked *commandLine) (*kubeletconfig.KubeletConfiguration, error) {
	gates := utilfeature.DefaultMutableFeatureGate
	if err := logsapi.AddFeatureGates(gates); err != nil {
		return nil, err
	}
	if err := gates.SetFromMap(asked.config.FeatureGates); err != nil {
		return nil, err
	}
	if err := options.ValidateKubeletFlags(asked.flags); err != nil {
		return nil, err
	}
	config := asked.config
	if file := asked.flags.KubeletConfigFile; file != "" {
		var err error
		if config, err = load(ctx, file); err != nil {
			return nil, err
		}
	}
	if directory := asked.flags.KubeletDropinConfigDirectory; directory != "" {
		if err := mergeDropins(config, directory); err != nil {
			return nil, err
		}
	}
	if asked.flags.KubeletConfigFile != "" || asked.flags.KubeletDropinConfigDirectory != "" {
		if err := parseOver(config, asked.args); err != nil {
			return nil, err
		}
		if err := gates.SetFromMap(config.FeatureGates); err != nil {
			return nil, err
		}
	}
	return config, validate(config)
}

// validate refuses what the real kubelet refuses, but for what it says of the
// machine's control groups: no pod will be put into one here.
func validate(config *kubeletconfig.KubeletConfiguration) error {
	anywhere := config.DeepCopy()
	anywhere.FailCgroupV1 = false
	anywhere.SingleProcessOOMKill = nil
	return validation.ValidateKubeletConfiguration(anywhere, utilfeature.DefaultFeatureGate)
}

func load(ctx context.Context, name string) (*kubeletconfig.KubeletConfiguration, error) {
	loader, err := loaderOf(name)
	if err != nil {
		return nil, err
	}
	config, err := loader.Load(ctx)
	if err != nil {
		return nil, err
	}
	// The one default that is not in the type's defaulting, for it differs by
	// operating system; the kubelet fills it in only where a file was read.
	if config.EvictionHard == nil {
		config.EvictionHard = maps.Clone(eviction.DefaultEvictionHard)
	} else if config.MergeDefaultEvictionSettings {
		filled := maps.Clone(eviction.DefaultEvictionHard)
		maps.Copy(filled, config.EvictionHard)
		config.EvictionHard = filled
	}
	return config, nil
}

func loaderOf(name string) (configfiles.Loader, error) {
	path, err := filepath.Abs(name)
	if err != nil {
		return nil, err
	}
	return configfiles.NewFsLoader(&utilfs.DefaultFs{}, path)
}

// mergeDropins lays every *.conf below directory over config, in the order of a
// walk, as JSON merge patches of the versioned form.
func mergeDropins(config *kubeletconfig.KubeletConfiguration, directory string) error {
	base := &kubeletv1beta1.KubeletConfiguration{}
	if err := v1beta1.Convert_config_KubeletConfiguration_To_v1beta1_KubeletConfiguration(config, base, nil); err != nil {
		return err
	}
	merged, err := json.Marshal(base)
	if err != nil {
		return err
	}
	err = filepath.WalkDir(directory, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || filepath.Ext(path) != ".conf" {
			return err
		}
		patch, err := dropin(path)
		if err != nil {
			return fmt.Errorf("drop-in %s: %w", path, err)
		}
		merged, err = jsonpatch.MergePatch(merged, patch)
		return err
	})
	if err != nil {
		return err
	}
	versioned := &kubeletv1beta1.KubeletConfiguration{}
	if err := json.Unmarshal(merged, versioned); err != nil {
		return err
	}
	v1beta1.SetDefaults_KubeletConfiguration(versioned)
	return v1beta1.Convert_v1beta1_KubeletConfiguration_To_config_KubeletConfiguration(versioned, config, nil)
}

func dropin(path string) ([]byte, error) {
	loader, err := loaderOf(path)
	if err != nil {
		return nil, err
	}
	patch, kind, err := loader.LoadIntoJSON()
	if err != nil {
		return nil, err
	}
	if want := kubeletv1beta1.SchemeGroupVersion.WithKind("KubeletConfiguration"); kind == nil || *kind != want {
		return nil, fmt.Errorf("apiVersion and kind are %v, not %v", kind, want)
	}
	return patch, nil
}
