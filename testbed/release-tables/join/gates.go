package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"kuberlock.dev/testbed/release-tables/part"
)

// first is the component whose defaults stand for all, where it knows the gate.
const first = "kube-apiserver"

// union gives the gates of all parts, each once. One component may turn a gate
// on that is off in the others; all agree about its stage.
func union(parts []part.Part) ([]part.FeatureGate, error) {
	ordered := slices.SortedFunc(slices.Values(parts), func(a, b part.Part) int {
		return strings.Compare(rank(a.Component), rank(b.Component))
	})
	gates := map[string]part.FeatureGate{}
	for _, read := range ordered {
		for _, gate := range read.FeatureGates {
			known, there := gates[gate.Name]
			switch {
			case !there:
				known = gate
			case known.Stage != gate.Stage || known.Locked != gate.Locked:
				return nil, fmt.Errorf("feature gate %s: %v in %s, %v before it", gate.Name, gate, read.Component, known)
			case known.Default != gate.Default:
				if known.DefaultIn == nil {
					known.DefaultIn = map[string]bool{}
				}
				known.DefaultIn[read.Component] = gate.Default
			}
			gates[gate.Name] = known
		}
	}
	var all []part.FeatureGate
	for _, name := range slices.Sorted(maps.Keys(gates)) {
		all = append(all, gates[name])
	}
	return all, nil
}

func rank(component string) string {
	if component == first {
		return ""
	}
	return component
}
