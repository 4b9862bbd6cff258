package main

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
)

func compare(known table, component, help string) []string {
	var differences []string
	differ := func(format string, args ...any) {
		differences = append(differences, fmt.Sprintf(format, args...))
	}
	there := readHelp(component, help)
	listed := map[string]bool{}
	for _, f := range known.Components[component].Flags {
		listed[f.Name] = true
		read, in := there[f.Name]
		switch {
		case !in && component == "etcd" && slices.Contains(etcdOnlyInUsage, f.Name):
		case !in && !f.Hidden:
			differ("--%s is not in the help", f.Name)
		case in && f.Hidden:
			differ("--%s is in the help", f.Name)
		case in && !sameDefault(component, f, read):
			differ("--%s: table has %q, help %q", f.Name, f.Default, read.text)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(there)) {
		gone := component == "etcd" && slices.Contains(etcdGone, name)
		if !listed[name] && !gone {
			differ("--%s is not in the table", name)
		}
	}
	return append(differences, compareGates(known, component, help)...)
}

func sameDefault(component string, f flag, read shown) bool {
	if component == "etcd" {
		return sameAsEtcd(f, read)
	}
	value := pflagValue(read, f.Deprecated)
	if value == "" {
		return isEmpty(f.Default)
	}
	if plain, err := strconv.Unquote(value); err == nil {
		value = plain
	}
	return value == f.Default
}

// isEmpty says whether pflag takes the default for one not worth a word.
func isEmpty(value string) bool {
	return slices.Contains([]string{"", "0", "0s", "false", "[]", "<nil>", "{}", "map[]"}, value)
}

func compareGates(known table, component, help string) []string {
	var differences []string
	gates := map[string]gate{}
	for _, g := range known.FeatureGates {
		gates[g.Name] = g
	}
	for _, found := range gateLine.FindAllStringSubmatch(help, -1) {
		name, stage, on := found[1], found[2], found[3]
		g, in := gates[name]
		value := g.Default
		if own, differs := g.DefaultIn[component]; differs {
			value = own
		}
		if component != "etcd" && (!in || g.Stage != stage || strconv.FormatBool(value) != on) {
			differences = append(differences, fmt.Sprintf("feature gate %s: table has %+v, help %s %s", name, g, stage, on))
		}
	}
	return differences
}
