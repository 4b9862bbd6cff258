package main

import (
	"regexp"
	"strings"
)

// shown is one flag as a help text shows it.
type shown struct {
	value string // the default; empty where the help shows none
	text  string
}

var (
	pflagLine = regexp.MustCompile(`^ {2,6}(?:-\w, )?--([\w.-]+)`)
	etcdLine  = regexp.MustCompile(`^  (?:-\w, )?--([\w.-]+)(?: '(.*)')?`)
	// pflag appends the default, and to that the deprecation.
	pflagDefault = regexp.MustCompile(`(?s)\(default (.*)\)$`)
	gateLine     = regexp.MustCompile(`(?m)(?:^\s*|Options are:\s*)(?:kube:)?(\w+)=true\|false \((\w+) - default=(\w+)\)`)
)

// readHelp finds the flags of a help text; a flag's text ends where the next
// begins, or where an empty line does.
func readHelp(component, help string) map[string]shown {
	line := pflagLine
	if component == "etcd" {
		line = etcdLine
	}
	flags := map[string]shown{}
	name := ""
	for _, text := range strings.Split(help, "\n") {
		if found := line.FindStringSubmatch(text); found != nil {
			name = found[1]
			read := shown{text: text}
			if component == "etcd" {
				read.value = found[2]
			}
			flags[name] = read
		} else if name != "" && strings.TrimSpace(text) != "" {
			read := flags[name]
			read.text += "\n" + text
			flags[name] = read
		} else {
			name = ""
		}
	}
	return flags
}

// pflagValue gives the default that pflag wrote behind a usage text.
func pflagValue(read shown, deprecated string) string {
	text := read.text
	if deprecated != "" {
		text = strings.TrimSuffix(text, " (DEPRECATED: "+deprecated+")")
	}
	at := strings.LastIndex(text, "(default ")
	if at < 0 {
		return ""
	}
	if found := pflagDefault.FindStringSubmatch(text[at:]); found != nil {
		return found[1]
	}
	return ""
}
