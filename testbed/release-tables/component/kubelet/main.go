// Prints the part of the kubelet, with the fields of its configuration file.
package main

import (
	"log"

	"github.com/spf13/pflag"
	cliflag "k8s.io/component-base/cli/flag"
	_ "k8s.io/component-base/logs/json/register" // as the real main package does
	_ "k8s.io/kubernetes/cmd/kubelet/app"        // registers what the real command does
	"k8s.io/kubernetes/cmd/kubelet/app/options"

	"kuberlock.dev/testbed/release-tables/kube"
)

func main() {
	config, err := options.NewKubeletConfiguration()
	if err != nil {
		log.Fatal(err)
	}
	// The command keeps its flags to itself, so they are put together as it does.
	set := pflag.NewFlagSet("kubelet", pflag.ContinueOnError)
	set.SetNormalizeFunc(cliflag.WordSepNormalizeFunc)
	options.NewKubeletFlags().AddFlags(set)
	options.AddKubeletConfigFlags(set, config)
	options.AddGlobalFlags(set)
	set.BoolP("help", "h", false, "")

	read := kube.Flags("kubelet", set)
	if read.KubeletConfiguration, err = fields(); err != nil {
		log.Fatal(err)
	}
	if err := read.Print(); err != nil {
		log.Fatal(err)
	}
}
