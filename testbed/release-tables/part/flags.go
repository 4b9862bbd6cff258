package part

import (
	"flag"
	"slices"
	"strings"

	"github.com/spf13/pflag"
)

// FlagsOf reads every flag of the sets, each name once, sorted.
func FlagsOf(sets ...*pflag.FlagSet) []Flag {
	byName := map[string]Flag{}
	for _, set := range sets {
		set.VisitAll(func(f *pflag.Flag) { byName[f.Name] = flagOf(f) })
	}
	flags := make([]Flag, 0, len(byName))
	for _, f := range byName {
		flags = append(flags, f)
	}
	slices.SortFunc(flags, func(a, b Flag) int { return strings.Compare(a.Name, b.Name) })
	return flags
}

// FlagsOfGo reads a set of the standard library's flags, named by the types
// that pflag gives them.
func FlagsOfGo(set *flag.FlagSet) []Flag {
	taken := pflag.NewFlagSet(set.Name(), pflag.ContinueOnError)
	set.VisitAll(func(f *flag.Flag) { taken.AddFlag(pflag.PFlagFromGoFlag(f)) })
	return FlagsOf(taken)
}

func flagOf(f *pflag.Flag) Flag {
	return Flag{
		Name:         f.Name,
		Type:         f.Value.Type(),
		Default:      f.DefValue,
		NoOptDefault: f.NoOptDefVal,
		Deprecated:   f.Deprecated,
		Hidden:       f.Hidden,
	}
}
