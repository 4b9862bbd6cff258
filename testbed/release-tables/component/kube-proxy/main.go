// Prints the part of kube-proxy.
package main

import (
	"log"

	_ "k8s.io/component-base/logs/json/register" // as the real main package does
	"k8s.io/kubernetes/cmd/kube-proxy/app"

	"kuberlock.dev/testbed/release-tables/kube"
)

func main() {
	if err := kube.Command("kube-proxy", app.NewProxyCommand()).Print(); err != nil {
		log.Fatal(err)
	}
}
