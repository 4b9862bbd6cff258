// Package kube reads the parts that every component of Kubernetes has alike.
//
// Enters: the component's own command, or its flags. Leaves: its part, with
// flags and feature gates. What holds: flags are those that the real binary
// takes, with what its main function adds to those of the command.
package kube

import (
	"log"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	utilfeature "k8s.io/apiserver/pkg/util/feature"
	cliflag "k8s.io/component-base/cli/flag"
	"k8s.io/component-base/featuregate"
	"k8s.io/component-base/logs"

	"kuberlock.dev/testbed/release-tables/part"
)

// Command reads a command as component-base would run it.
func Command(component string, command *cobra.Command) part.Part {
	command.SetGlobalNormalizationFunc(cliflag.WordSepNormalizeFunc)
	logs.AddFlags(command.PersistentFlags())
	command.InitDefaultHelpFlag()
	return Flags(component, command.PersistentFlags(), command.Flags())
}

// Flags reads flag sets, and the feature gates of the process.
func Flags(component string, sets ...*pflag.FlagSet) part.Part {
	version, err := part.VersionOf("k8s.io/kubernetes")
	if err != nil {
		log.Fatal(err)
	}
	return part.Part{
		Component:    component,
		Version:      version,
		Flags:        part.FlagsOf(sets...),
		FeatureGates: gates(),
	}
}

func gates() []part.FeatureGate {
	known := utilfeature.DefaultMutableFeatureGate.GetAll()
	read := make([]part.FeatureGate, 0, len(known))
	for name, spec := range known {
		stage := string(spec.PreRelease)
		if spec.PreRelease == featuregate.GA {
			stage = "GA" // where the package has an empty string
		}
		read = append(read, part.FeatureGate{
			Name:    string(name),
			Stage:   stage,
			Default: spec.Default,
			Locked:  spec.LockToDefault,
		})
	}
	slices.SortFunc(read, func(a, b part.FeatureGate) int { return strings.Compare(a.Name, b.Name) })
	return read
}
