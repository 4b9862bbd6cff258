// Package part is what one component's program says to the program that joins
// them: a JSON document on standard output.
//
// Each component is read in a program of its own, because the packages of one
// register flags and feature gates for the whole process that another does not
// have; so each sees what the real binary sees.
package part

import (
	"encoding/json"
	"os"
)

// Part is all that one component contributes to the table of a release.
type Part struct {
	Component string `json:"component"`
	// Version is that of the module which the component comes from.
	Version              string               `json:"version"`
	Flags                []Flag               `json:"flags"`
	FeatureGates         []FeatureGate        `json:"featureGates,omitempty"`
	AdmissionPlugins     []AdmissionPlugin    `json:"admissionPlugins,omitempty"`
	KubeletConfiguration []ConfigurationField `json:"kubeletConfiguration,omitempty"`
}

// Flag is one flag that the component takes. Type, Default and NoOptDefault are
// written as pflag writes them: the default as it would be typed.
type Flag struct {
	Name         string `json:"name"`
	Type         string `json:"type"`
	Default      string `json:"default"`
	NoOptDefault string `json:"noOptDefault,omitempty"`
	Deprecated   string `json:"deprecated,omitempty"`
	Hidden       bool   `json:"hidden,omitempty"`
}

// FeatureGate is one gate as it stands when the release emulates itself. A part
// has its own component's Default; the table has the API server's, or that of
// the first component which knows the gate, and in DefaultIn those that differ.
type FeatureGate struct {
	Name      string          `json:"name"`
	Stage     string          `json:"stage"`
	Default   bool            `json:"default"`
	Locked    bool            `json:"locked,omitempty"`
	DefaultIn map[string]bool `json:"defaultIn,omitempty"`
}

// AdmissionPlugin is one plugin; Default says whether it is on unless told.
type AdmissionPlugin struct {
	Name    string `json:"name"`
	Default bool   `json:"default"`
}

// ConfigurationField is one field of KubeletConfiguration, named by its path of
// JSON names; what is in a list's elements has [] in its path, in a map's {}.
// Default is what a configuration file that leaves the field out means, null
// where nothing is set. FlagDefault is there where a kubelet that is given no
// file begins with something else.
type ConfigurationField struct {
	Field       string          `json:"field"`
	Type        string          `json:"type"`
	Default     any             `json:"default"`
	FlagDefault json.RawMessage `json:"flagDefault,omitempty"`
}

// Print writes the part for join to read.
func (p Part) Print() error {
	return json.NewEncoder(os.Stdout).Encode(p)
}
