//go:build !until136

package main

import (
	"context"

	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/apiserver/pkg/registry/rest"
	"k8s.io/kubernetes/pkg/apis/core"
	"k8s.io/kubernetes/pkg/registry/core/pod"
)

// validatePod is for pods what validateCreate is for DaemonSets.
func validatePod(ctx context.Context, object *core.Pod) field.ErrorList {
	return rest.ValidateCreate(ctx, object, pod.Strategy)
}
