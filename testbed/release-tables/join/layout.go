package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// schema names the form of the document; who reads it checks it.
const schema = "kuberlock.dev/release-table/v1"

// layout writes the table with one entry a line, so that two releases compare
// well line by line.
func layout(t *table) (string, error) {
	var out strings.Builder
	fmt.Fprintf(&out, "{\n  \"schema\": %q,\n  \"release\": %q,\n  \"minor\": %q,\n", schema, t.release, t.minor)
	fmt.Fprintf(&out, "  \"etcd\": %q,\n  \"etcdFlagsFrom\": %q,\n  \"components\": {", t.etcd, t.etcdFlagsFrom)
	for i, component := range slices.Sorted(maps.Keys(t.flags)) {
		flags, err := rows(t.flags[component], "        ")
		if err != nil {
			return "", err
		}
		fmt.Fprintf(&out, "%s\n    %q: {\n      \"flags\": [%s\n      ]\n    }", comma(i), component, flags)
	}
	gates, err := rows(t.gates, "    ")
	if err != nil {
		return "", err
	}
	plugins, err := rows(t.plugins, "    ")
	if err != nil {
		return "", err
	}
	fields, err := rows(t.fields, "    ")
	if err != nil {
		return "", err
	}
	fmt.Fprintf(&out, "\n  },\n  \"featureGates\": [%s\n  ],\n", gates)
	fmt.Fprintf(&out, "  \"admissionPlugins\": [%s\n  ],\n", plugins)
	fmt.Fprintf(&out, "  \"kubeletConfiguration\": [%s\n  ]\n}\n", fields)
	return out.String(), nil
}

func rows[T any](entries []T, indent string) (string, error) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false) // thresholds are written with <
	for i, entry := range entries {
		out.WriteString(comma(i) + "\n" + indent)
		if err := encoder.Encode(entry); err != nil {
			return "", err
		}
		out.Truncate(out.Len() - 1) // the encoder ends each value with a line break
	}
	return out.String(), nil
}

func comma(i int) string {
	if i == 0 {
		return ""
	}
	return ","
}
