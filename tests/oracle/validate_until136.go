//go:build until136

package main

import (
	"context"

	genericvalidation "k8s.io/apimachinery/pkg/api/validation"
	"k8s.io/apimachinery/pkg/api/validation/path"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/kubernetes/pkg/apis/apps"
	"k8s.io/kubernetes/pkg/registry/apps/daemonset"
)

// Until 1.36 validation is woven into the registry's preparation of a request
// and reports a Status, which has lost the parts of an error. These functions
// ask the same validators in the same order.

func validateCreate(ctx context.Context, object *apps.DaemonSet) field.ErrorList {
	if errs := daemonset.Strategy.Validate(ctx, object); len(errs) > 0 {
		return errs
	}
	return validateCommon(object)
}

func validateUpdate(ctx context.Context, object, old *apps.DaemonSet) field.ErrorList {
	errs := validateCommon(object)
	errs = append(errs, genericvalidation.ValidateObjectMetaAccessorUpdate(object, old, field.NewPath("metadata"))...)
	return append(errs, daemonset.Strategy.ValidateUpdate(ctx, object, old)...)
}

func validateCommon(object *apps.DaemonSet) field.ErrorList {
	namespaced := daemonset.Strategy.NamespaceScoped()
	return genericvalidation.ValidateObjectMetaAccessor(object, namespaced, path.ValidatePathSegmentName, field.NewPath("metadata"))
}
