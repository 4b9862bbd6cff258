// Prints the part of kube-apiserver, with its admission plugins.
package main

import (
	"log"

	_ "k8s.io/component-base/logs/json/register" // as the real main package does
	"k8s.io/kubernetes/cmd/kube-apiserver/app"
	"k8s.io/kubernetes/pkg/kubeapiserver/options"

	"kuberlock.dev/testbed/release-tables/kube"
	"kuberlock.dev/testbed/release-tables/part"
)

func main() {
	read := kube.Command("kube-apiserver", app.NewAPIServerCommand())
	read.AdmissionPlugins = plugins()
	if err := read.Print(); err != nil {
		log.Fatal(err)
	}
}

// plugins keeps the order in which the API server asks them.
func plugins() []part.AdmissionPlugin {
	off := options.DefaultOffAdmissionPlugins()
	read := make([]part.AdmissionPlugin, 0, len(options.AllOrderedPlugins))
	for _, name := range options.AllOrderedPlugins {
		read = append(read, part.AdmissionPlugin{Name: name, Default: !off.Has(name)})
	}
	return read
}
