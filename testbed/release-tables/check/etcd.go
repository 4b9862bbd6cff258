package main

import (
	"strings"
	"time"
)

// etcd's help is written by hand, so it differs from what etcd takes.
var (
	// etcdOnlyInUsage are shown above the list of flags, as ways to call it.
	etcdOnlyInUsage = []string{"config-file", "version"}
	// etcdGone are still in the help of 3.7, which no longer takes them.
	etcdGone = []string{"discovery", "discovery-proxy"}
	// etcdWritten are values that the help spells in its authors' way.
	etcdWritten = map[string]string{"math.MaxUint32": "4294967295"}
)

// sameAsEtcd is lenient where the code has nothing: the help often shows what
// an empty default comes to in the end.
func sameAsEtcd(f flag, read shown) bool {
	value := strings.Trim(read.value, `"`)
	if written, there := etcdWritten[value]; there {
		value = written
	}
	if isEmpty(f.Default) || value == "" || value == f.Default {
		return true
	}
	shown, err := time.ParseDuration(value)
	if err != nil {
		return false
	}
	known, err := time.ParseDuration(f.Default)
	return err == nil && shown == known
}
