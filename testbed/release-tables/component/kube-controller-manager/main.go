// Prints the part of kube-controller-manager.
package main

import (
	"log"

	_ "k8s.io/component-base/logs/json/register" // as the real main package does
	"k8s.io/kubernetes/cmd/kube-controller-manager/app"

	"kuberlock.dev/testbed/release-tables/kube"
)

func main() {
	if err := kube.Command("kube-controller-manager", app.NewControllerManagerCommand()).Print(); err != nil {
		log.Fatal(err)
	}
}
