// Check compares a release table with what the built binaries say of themselves.
//
// Enters: a table, and files that hold the --help of components, each named
// NAME.help after its component. Leaves: a line for each difference, and exit
// code 1 where there is one. What holds: every flag that the help shows is in
// the table and the other way round, hidden ones aside; each default that the
// help shows is the table's, and where it shows none, the table's is the empty
// one of its type; each feature gate that the help lists has its stage and
// default.
package main

import (
	"encoding/json"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strings"
)

type table struct {
	Components map[string]struct {
		Flags []flag `json:"flags"`
	} `json:"components"`
	FeatureGates []gate `json:"featureGates"`
}

type flag struct {
	Name       string `json:"name"`
	Type       string `json:"type"`
	Default    string `json:"default"`
	Deprecated string `json:"deprecated"`
	Hidden     bool   `json:"hidden"`
}

type gate struct {
	Name      string          `json:"name"`
	Stage     string          `json:"stage"`
	Default   bool            `json:"default"`
	DefaultIn map[string]bool `json:"defaultIn"`
}

func main() {
	log.SetFlags(0)
	if len(os.Args) < 3 {
		log.Fatal("usage: check TABLE COMPONENT.help...")
	}
	var known table
	text, err := os.ReadFile(os.Args[1])
	if err == nil {
		err = json.Unmarshal(text, &known)
	}
	if err != nil {
		log.Fatal(err)
	}
	differences := 0
	for _, file := range os.Args[2:] {
		help, err := os.ReadFile(file)
		if err != nil {
			log.Fatal(err)
		}
		component := strings.TrimSuffix(filepath.Base(file), ".help")
		for _, difference := range compare(known, component, string(help)) {
			fmt.Printf("%s: %s\n", component, difference)
			differences++
		}
	}
	if differences > 0 {
		os.Exit(1)
	}
}
