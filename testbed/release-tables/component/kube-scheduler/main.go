// Prints the part of kube-scheduler.
package main

import (
	"log"

	_ "k8s.io/component-base/logs/json/register" // as the real main package does
	"k8s.io/kubernetes/cmd/kube-scheduler/app"

	"kuberlock.dev/testbed/release-tables/kube"
)

func main() {
	if err := kube.Command("kube-scheduler", app.NewSchedulerCommand()).Print(); err != nil {
		log.Fatal(err)
	}
}
