// Prints the part of etcd.
package main

import (
	"flag"
	"log"
	"strings"

	"go.etcd.io/etcd/pkg/v3/flags"
	"go.etcd.io/etcd/server/v3/embed"

	"kuberlock.dev/testbed/release-tables/part"
)

func main() {
	version, err := part.VersionOf("go.etcd.io/etcd/server/v3")
	if err != nil {
		log.Fatal(err)
	}
	set := flag.NewFlagSet("etcd", flag.ContinueOnError)
	embed.NewConfig().AddFlags(set)
	addOfMain(set)
	read := part.FlagsOfGo(set)
	for i := range read {
		mark(&read[i], set)
	}
	if err := (part.Part{Component: "etcd", Version: version, Flags: read}).Print(); err != nil {
		log.Fatal(err)
	}
}

// mark says what the standard library's flags have no place for.
func mark(read *part.Flag, set *flag.FlagSet) {
	f := set.Lookup(read.Name)
	if at := strings.Index(f.Usage, "Deprecated "); at >= 0 {
		read.Deprecated = f.Usage[at:]
	}
	// 3.6 keeps the old names of what has left the experiment, and does not
	// always say so in the usage.
	if plain, old := strings.CutPrefix(read.Name, "experimental-"); old && read.Deprecated == "" && set.Lookup(plain) != nil {
		read.Deprecated = "Use --" + plain + " instead."
	}
	if _, ignored := f.Value.(*flags.IgnoredFlag); ignored {
		read.Type, read.Hidden, read.Deprecated = "ignored", true, "accepted and ignored"
	}
}

// addOfMain adds what only etcd's main function knows, and does not export. The
// comparison with the binary's help fails where a release has others.
func addOfMain(set *flag.FlagSet) {
	set.String("config-file", "", "")
	set.Bool("version", false, "")
	set.Var(flags.NewSelectiveStringValue("exit", "proxy"), "discovery-fallback", "")
	set.Var(flags.NewSelectiveStringValue(embed.ClusterStateFlagNew, embed.ClusterStateFlagExisting), "initial-cluster-state", "")
	set.Var(flags.NewSelectiveStringsValue("write-only"), "v2-deprecation",
		"Deprecated and scheduled for removal in v3.8. The default value is enforced, ignoring user input.")
	for _, name := range []string{
		"cluster-active-size", "cluster-remove-delay", "cluster-sync-interval", "config", "force",
		"max-result-buffer", "max-retry-attempts", "peer-election-timeout", "peer-heartbeat-interval",
		"retry-interval", "snapshot", "v", "vv",
	} {
		set.Var(&flags.IgnoredFlag{Name: name}, name, "")
	}
}
