package main

import (
	"encoding/json"
	"fmt"
	"io"

	kubeletv1beta1 "k8s.io/kubelet/config/v1beta1"
	kubeletconfig "k8s.io/kubernetes/pkg/kubelet/apis/config"
	"k8s.io/kubernetes/pkg/kubelet/apis/config/scheme"
)

// configzName is the key that the kubelet's configuration has in /configz.
const configzName = "kubeletconfig"

// asServed converts to the type and version that /configz shows.
func asServed(config *kubeletconfig.KubeletConfiguration) (*kubeletv1beta1.KubeletConfiguration, error) {
	known, _, err := scheme.NewSchemeAndCodecs()
	if err != nil {
		return nil, err
	}
	versioned := &kubeletv1beta1.KubeletConfiguration{}
	if err := known.Convert(config, versioned, nil); err != nil {
		return nil, err
	}
	versioned.SetGroupVersionKind(kubeletv1beta1.SchemeGroupVersion.WithKind("KubeletConfiguration"))
	return versioned, nil
}

func printConfig(out io.Writer, versioned *kubeletv1beta1.KubeletConfiguration) error {
	answer, err := json.Marshal(map[string]any{configzName: versioned})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(out, string(answer))
	return err
}
