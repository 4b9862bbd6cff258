// Join makes the table of one release out of the parts of its components.
//
// Enters: files, each a part as printed by one program under component/.
// Leaves: the table on standard output, one flag, gate, plugin or field a line.
// What holds: the same release gives the same bytes, on any machine; parts that
// disagree about the release or about a gate's stage make no table.
package main

import (
	"fmt"
	"log"
	"os"
)

func main() {
	log.SetFlags(0)
	parts, err := readParts(os.Args[1:])
	if err != nil {
		log.Fatal(err)
	}
	table, err := join(parts)
	if err != nil {
		log.Fatal(err)
	}
	text, err := layout(table)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Print(text)
}
