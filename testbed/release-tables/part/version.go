package part

import (
	"fmt"
	"runtime/debug"
	"strings"
)

// VersionOf gives the version of a module that this program was built from,
// without the v.
func VersionOf(module string) (string, error) {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "", fmt.Errorf("built without module information")
	}
	for _, dependency := range info.Deps {
		if dependency.Path == module {
			return strings.TrimPrefix(dependency.Version, "v"), nil
		}
	}
	return "", fmt.Errorf("not built from %s", module)
}
