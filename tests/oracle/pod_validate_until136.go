//go:build until136

package main

import (
	"context"

	genericvalidation "k8s.io/apimachinery/pkg/api/validation"
	"k8s.io/apimachinery/pkg/api/validation/path"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/kubernetes/pkg/apis/core"
	"k8s.io/kubernetes/pkg/registry/core/pod"
)

// validatePod asks the same validators in the same order as the registry.
func validatePod(ctx context.Context, object *core.Pod) field.ErrorList {
	if errs := pod.Strategy.Validate(ctx, object); len(errs) > 0 {
		return errs
	}
	return genericvalidation.ValidateObjectMetaAccessor(object, true, path.ValidatePathSegmentName, field.NewPath("metadata"))
}
