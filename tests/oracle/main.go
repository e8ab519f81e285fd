// The oracle answers with the Kubernetes API server's own code, so that the
// Rust crates beside it can be compared with the truth instead of a memory of it.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"strings"

	"k8s.io/klog/v2"
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
		{"judge", "judge documents as the server judges a create or an update", lines(judge)},
		{"yaml", "convert one YAML document to JSON", lines(convertYAML)},
		{"yamlstream", "split a stream into documents as kubectl does", lines(splitYAML)},
		{"quantity", "parse resource quantities", lines(parseQuantity)},
		{"selector", "match label selectors and node selectors", lines(matchSelector)},
		{"controller", "ask the DaemonSet controller whether a node gets a pod", lines(decidePlacement)},
		{"placement", "roll a DaemonSet out on a cluster: the controller's, the scheduler's and preemption's say on each node", lines(place)},
		{"podsecurity", "ask the PodSecurity plugin about pods and DaemonSets", lines(judgePodSecurity)},
		{"admission", "make the controller's pod and send it through the admission plugins and the registry", lines(admitPod)},
		{"rollout", "let the DaemonSet controller roll out over nodes in a given state", lines(rollOut)},
		{"pod", "store the pod that the controller makes of a DaemonSet", lines(storePod)},
		{"quota", "charge pods to the quotas of their namespace until one is refused", lines(chargeQuotas)},
		{"constants", "print the feature gates of this version", printGates},
	}
}

func main() {
	if len(os.Args) < 2 {
		usage()
	}
	flags := flag.NewFlagSet(os.Args[1], flag.ExitOnError)
	flush := flags.Bool("flush", false, "write each answer as soon as it is known")
	silence()
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

// silence stops upstream's log, which is not part of any answer, and gives the
// collector more room: answers live shortly and memory is cheap here.
func silence() {
	klog.LogToStderr(false)
	klog.SetOutput(io.Discard)
	debug.SetGCPercent(400)
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
