// Standin takes the place of the kubelet and of kube-proxy on the nodes of the
// test cluster, where no container runtime is. It is neither of them: it runs
// no pod, registers no node, writes no packet filter rule and speaks to nobody.
//
// Enters: the name it is called by and, for a kubelet, the real kubelet's
// command line with the files that it names.
// Leaves: called kubelet, an HTTPS listener where the real one would have it,
// with /configz and /healthz; called kube-proxy, only a process of that name.
//
// What holds: the effective configuration is the one that the real kubelet of
// the release in go.mod would arrive at, for flags, defaults, loader, merging
// and validation are its own packages, called in its own order; a command line
// or file that the real one refuses is refused. Only what a container runtime
// would tell (the cgroup driver) stays as configured, and the version of the
// machine's control groups is not looked at. SIGTERM ends it.
//
// With --standin-config-only it prints what /configz would answer, and exits;
// nothing is written or listened on.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
)

func main() {
	end, cancel := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer cancel()

	name := filepath.Base(os.Args[0])
	if err := standFor(end, name, os.Args[1:]); err != nil {
		fmt.Fprintf(os.Stderr, "%s (stand-in): %v\n", name, err)
		os.Exit(1)
	}
}

func standFor(end context.Context, name string, args []string) error {
	switch name {
	case "kubelet":
		return standForKubelet(end, args)
	case "kube-proxy":
		<-end.Done()
		return nil
	default:
		return fmt.Errorf("call me by the name of what I stand in for: kubelet or kube-proxy")
	}
}

func standForKubelet(end context.Context, args []string) error {
	asked, err := parse(args)
	if err != nil {
		return err
	}
	config, err := effective(end, asked)
	if err != nil {
		return err
	}
	nameServingFiles(asked.flags, config)
	versioned, err := asServed(config)
	if err != nil {
		return err
	}
	if asked.configOnly {
		return printConfig(os.Stdout, versioned)
	}
	return serve(end, asked.flags, config, versioned)
}
