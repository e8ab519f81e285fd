// The oracle answers with the Kubernetes API server's own code, so that the
// Rust crates beside it can be compared with the truth instead of a memory of it.
package main

import (
	"flag"
	"fmt"
	"os"
	"strings"
)

// A mode is one question the oracle can be asked. Modes that answer line by
// line read standard input; the others only print.
type mode struct {
	name    string
	summary string
	run     func(flush bool) error
}

// The table lives in a function because some modes refer back to it.
func modes() []mode {
	return []mode{
		{"fields", "print the fields of apps/v1.DaemonSet and of all it reaches", printFields},
	}
}

func main() {
	if len(os.Args) < 2 {
		usage()
	}
	flags := flag.NewFlagSet(os.Args[1], flag.ExitOnError)
	flush := flags.Bool("flush", false, "write each answer as soon as it is known")
	// ExitOnError makes the returned error always nil.
	_ = flags.Parse(os.Args[2:])
	for _, m := range modes() {
		if m.name != os.Args[1] {
			continue
		}
		if err := m.run(*flush); err != nil {
			fmt.Fprintf(os.Stderr, "oracle %s: %v\n", m.name, err)
			os.Exit(1)
		}
		return
	}
	usage()
}

func usage() {
	var text strings.Builder
	text.WriteString("usage: oracle <mode> [--flush]\n")
	for _, m := range modes() {
		fmt.Fprintf(&text, "  %-12s %s\n", m.name, m.summary)
	}
	fmt.Fprint(os.Stderr, text.String())
	os.Exit(2)
}
