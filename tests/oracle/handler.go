package main

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	appsv1 "k8s.io/api/apps/v1"
	apiequality "k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/managedfields"
	"k8s.io/apiserver/pkg/endpoints/handlers"
	"k8s.io/kubernetes/pkg/api/legacyscheme"
	"k8s.io/kubernetes/pkg/apis/apps"
)

// dropDuplicateOwners removes owners that are listed twice and gives the
// warning for it. The server does this before validation, which would count
// the same controller twice.
func dropDuplicateOwners(object *apps.DaemonSet) []string {
	var kept []metav1.OwnerReference
	var dropped []string
	for _, owner := range object.OwnerReferences {
		same := func(other metav1.OwnerReference) bool {
			return apiequality.Semantic.DeepEqual(owner, other)
		}
		if slices.ContainsFunc(kept, same) {
			dropped = append(dropped, string(owner.UID))
			continue
		}
		kept = append(kept, owner)
	}
	if len(dropped) == 0 {
		return nil
	}
	object.OwnerReferences = kept
	return []string{fmt.Sprintf(handlers.DuplicateOwnerReferencesWarningFormat, strings.Join(dropped, ", "))}
}

// takeManagedFields lets the server's field manager replace metadata.managedFields,
// as it does before validation: what it cannot read it drops instead of
// refusing. Objects without them are left alone, since the manager would only
// add an entry that is always valid.
func takeManagedFields(live runtime.Object, object *apps.DaemonSet) *apps.DaemonSet {
	if len(object.ManagedFields) == 0 {
		return object
	}
	return fieldManager().UpdateNoErrors(live, object, "oracle").(*apps.DaemonSet)
}

var fieldManager = sync.OnceValue(func() *managedfields.FieldManager {
	manager, err := managedfields.NewDefaultFieldManager(
		managedfields.NewDeducedTypeConverter(),
		legacyscheme.Scheme,
		legacyscheme.Scheme,
		legacyscheme.Scheme,
		appsv1.SchemeGroupVersion.WithKind("DaemonSet"),
		apps.SchemeGroupVersion,
		"",
		nil,
	)
	if err != nil {
		panic(err)
	}
	return manager
})
