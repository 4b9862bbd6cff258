package main

import (
	"io"

	"github.com/spf13/pflag"

	cliflag "k8s.io/component-base/cli/flag"
	"k8s.io/component-base/version/verflag"
	"k8s.io/kubernetes/cmd/kubelet/app/options"
	kubeletconfig "k8s.io/kubernetes/pkg/kubelet/apis/config"
)

// commandLine is what a command line alone says, defaults for the rest.
type commandLine struct {
	args       []string
	flags      *options.KubeletFlags
	config     *kubeletconfig.KubeletConfiguration
	configOnly bool
}

func parse(args []string) (*commandLine, error) {
	config, err := options.NewKubeletConfiguration()
	if err != nil {
		return nil, err
	}
	asked := &commandLine{args: args, flags: options.NewKubeletFlags(), config: config}
	set := newFlagSet(asked.flags, asked.config)
	options.AddGlobalFlags(set)
	ownFlags(set, &asked.configOnly)
	if err := set.Parse(args); err != nil {
		return nil, err
	}
	verflag.PrintAndExitIfRequested()
	if set.NArg() > 0 {
		return nil, &unexpected{set.Arg(0)}
	}
	return asked, nil
}

// parseOver lays the command line over a configuration that came from files,
// because a flag wins over a file. Only config is touched: some flags gather
// their values, and must not do so twice in what was parsed before.
func parseOver(config *kubeletconfig.KubeletConfiguration, args []string) error {
	gates := config.FeatureGates
	set := newFlagSet(options.NewKubeletFlags(), config)
	set.SetOutput(io.Discard) // every flag that is deprecated has been named once
	globals := pflag.NewFlagSet("", pflag.ContinueOnError)
	options.AddGlobalFlags(globals)
	ownFlags(globals, new(bool))
	globals.VisitAll(func(global *pflag.Flag) {
		set.VarPF(cliflag.NoOp{}, global.Name, global.Shorthand, "").NoOptDefVal = global.NoOptDefVal
	})
	if err := set.Parse(args); err != nil {
		return err
	}
	// Feature gates are the one map of which file and flags each may set a part.
	for gate, on := range gates {
		if _, said := config.FeatureGates[gate]; !said {
			config.FeatureGates[gate] = on
		}
	}
	return nil
}

func newFlagSet(flags *options.KubeletFlags, config *kubeletconfig.KubeletConfiguration) *pflag.FlagSet {
	set := pflag.NewFlagSet("kubelet", pflag.ContinueOnError)
	set.SetNormalizeFunc(cliflag.WordSepNormalizeFunc)
	flags.AddFlags(set)
	options.AddKubeletConfigFlags(set, config)
	return set
}

func ownFlags(set *pflag.FlagSet, configOnly *bool) {
	set.BoolVar(configOnly, "standin-config-only", false, "print what /configz would answer, and exit")
}

// unexpected is a word that belongs to no flag; the kubelet has no commands.
type unexpected struct{ word string }

func (u *unexpected) Error() string { return "unknown command " + u.word }
