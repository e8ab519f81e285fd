package main

import (
	"bufio"
	"fmt"
	"os"
	"sort"

	utilfeature "k8s.io/apiserver/pkg/util/feature"
	"k8s.io/component-base/featuregate"
	_ "k8s.io/kubernetes/pkg/features"
)

// printGates prints every gate with its state in this version. A gate that is
// older or newer than this version is not in the table at all.
func printGates(bool) error {
	gates := utilfeature.DefaultMutableFeatureGate.GetAll()
	names := make([]string, 0, len(gates))
	for name := range gates {
		names = append(names, string(name))
	}
	sort.Strings(names)

	out := bufio.NewWriter(os.Stdout)
	for _, name := range names {
		gate := gates[featuregate.Feature(name)]
		stage := string(gate.PreRelease)
		if gate.PreRelease == featuregate.GA {
			// Upstream writes general availability as nothing.
			stage = "GA"
		}
		fmt.Fprintf(out, "%s\t%t\t%s\t%t\n", name, gate.Default, stage, gate.LockToDefault)
	}
	return out.Flush()
}
