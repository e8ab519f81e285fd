//go:build !until136

package main

import frameworkruntime "k8s.io/kubernetes/pkg/scheduler/framework/runtime"

// From 1.37 preemption looks at a snapshot that it may change.
func ofThisMinor(made *bench) []frameworkruntime.Option {
	return []frameworkruntime.Option{frameworkruntime.WithMutableSnapshotLister(made.snapshot)}
}
