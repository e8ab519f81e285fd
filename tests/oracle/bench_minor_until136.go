//go:build until136

package main

import frameworkruntime "k8s.io/kubernetes/pkg/scheduler/framework/runtime"

func ofThisMinor(*bench) []frameworkruntime.Option { return nil }
