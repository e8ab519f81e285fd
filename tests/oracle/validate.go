//go:build !until136

package main

import (
	"context"

	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/apiserver/pkg/registry/rest"
	"k8s.io/kubernetes/pkg/apis/apps"
	"k8s.io/kubernetes/pkg/registry/apps/daemonset"
)

// From 1.37 the registry has validation as functions of its own, which also
// merge the declarative rules into the written ones.

func validateCreate(ctx context.Context, object *apps.DaemonSet) field.ErrorList {
	return rest.ValidateCreate(ctx, object, daemonset.Strategy)
}

func validateUpdate(ctx context.Context, object, old *apps.DaemonSet) field.ErrorList {
	return rest.ValidateUpdate(ctx, object, old, daemonset.Strategy)
}
