package main

import (
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/klog/v2"
	"k8s.io/kubernetes/pkg/api/legacyscheme"
	"k8s.io/kubernetes/pkg/controller/daemon"
)

type controllerQuestion struct {
	identity
	DaemonSet *appsv1.DaemonSet `json:"daemonSet"`
	Node      *corev1.Node      `json:"node"`
}

type controllerAnswer struct {
	identity
	ShouldRun             bool `json:"shouldRun"`
	ShouldContinueRunning bool `json:"shouldContinueRunning"`
}

// decidePlacement asks the controller about objects as it finds them in the
// server, which has defaulted them.
func decidePlacement(asked controllerQuestion) any {
	if asked.DaemonSet == nil || asked.Node == nil {
		return apology{identity: asked.identity, Malformed: "daemonSet and node are both needed"}
	}
	legacyscheme.Scheme.Default(asked.DaemonSet)
	legacyscheme.Scheme.Default(asked.Node)
	run, stay := daemon.NodeShouldRunDaemonPod(klog.Background(), asked.Node, asked.DaemonSet)
	return controllerAnswer{identity: asked.identity, ShouldRun: run, ShouldContinueRunning: stay}
}
