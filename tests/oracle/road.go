package main

import (
	"context"

	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apiserver/pkg/endpoints/request"
	"k8s.io/apiserver/pkg/registry/rest"
	"k8s.io/apiserver/pkg/storage"
	"k8s.io/kubernetes/pkg/api/legacyscheme"
	"k8s.io/kubernetes/pkg/apis/apps"
	"k8s.io/kubernetes/pkg/capabilities"
	"k8s.io/kubernetes/pkg/registry/apps/daemonset"
)

func init() {
	// Every real cluster allows privileged containers: its own kube-proxy is one.
	capabilities.Setup(true, 0)
}

// create walks the road from a decoded object to the server's answer: first
// what the request handler does, then the registry.
func create(versioned *appsv1.DaemonSet) outcome {
	object := internal(versioned)
	ctx := requestContext(object.Namespace)

	rest.WipeObjectMetaSystemFields(object)
	warnings := dropDuplicateOwners(object)
	object = takeManagedFields(&appsv1.DaemonSet{}, object)

	rest.FillObjectMetaSystemFields(object)
	if object.Name == "" && object.GenerateName != "" {
		object.Name = generatedName(object.GenerateName)
	}
	daemonset.Strategy.PrepareForCreate(ctx, object)

	end := outcome{errors: validateCreate(ctx, object), warnings: warnings}
	if len(end.errors) > 0 {
		return end
	}
	end.warnings = append(end.warnings, daemonset.Strategy.WarningsOnCreate(ctx, object)...)
	daemonset.Strategy.Canonicalize(object)
	version, err := storage.APIObjectVersioner{}.ObjectResourceVersion(object)
	if err == nil && version != 0 {
		end.storage = storage.ErrResourceVersionSetOnCreate.Error()
	}
	return end
}

// update does the same for a PUT over a stored object.
func update(versioned, versionedOld *appsv1.DaemonSet) outcome {
	object, old := internal(versioned), internal(versionedOld)
	ctx := requestContext(object.Namespace)
	fillStored(old)
	if object.ResourceVersion == "" {
		// An update without a version is unconditional: the registry gives it
		// the version that it is about to replace.
		object.ResourceVersion = old.ResourceVersion
	}

	warnings := dropDuplicateOwners(object)
	object = takeManagedFields(old, object)

	object.Generation = old.Generation
	daemonset.Strategy.PrepareForUpdate(ctx, object, old)
	keepSystemFields(object, old)

	end := outcome{errors: validateUpdate(ctx, object, old), warnings: warnings}
	if len(end.errors) > 0 {
		return end
	}
	end.warnings = append(end.warnings, daemonset.Strategy.WarningsOnUpdate(ctx, object, old)...)
	daemonset.Strategy.Canonicalize(object)
	return end
}

// internal defaults the object and converts it to the form that validation reads.
func internal(versioned *appsv1.DaemonSet) *apps.DaemonSet {
	legacyscheme.Scheme.Default(versioned)
	object := &apps.DaemonSet{}
	if err := legacyscheme.Scheme.Convert(versioned, object, nil); err != nil {
		panic(err)
	}
	if object.Namespace == "" {
		object.Namespace = metav1.NamespaceDefault
	}
	return object
}

func requestContext(namespace string) context.Context {
	ctx := request.WithNamespace(context.Background(), namespace)
	// Declarative validation reads the subresource from here, and says so in
	// the log each time that it finds nothing.
	return request.WithRequestInfo(ctx, &request.RequestInfo{
		IsResourceRequest: true,
		APIGroup:          "apps",
		APIVersion:        "v1",
		Resource:          "daemonsets",
		Namespace:         namespace,
	})
}

// generatedName is the name that the server would invent, with its random
// end made constant: the same question must get the same answer.
func generatedName(base string) string {
	const constant = "xxxxx"
	name := daemonset.Strategy.GenerateName(base)
	return name[:len(name)-len(constant)] + constant
}

// fillStored gives a manifest that plays the stored object what storing it
// would have given it.
func fillStored(old *apps.DaemonSet) {
	old.ResourceVersion = "1"
	if old.UID == "" {
		old.UID = types.UID("00000000-0000-4000-8000-000000000000")
	}
	if old.CreationTimestamp.IsZero() {
		old.CreationTimestamp = metav1.Unix(1, 0)
	}
	old.Generation = max(old.Generation, 1)
	old.Spec.TemplateGeneration = max(old.Spec.TemplateGeneration, 1)
}

// keepSystemFields restores the metadata that only the server may set and
// that clients leave out of an update.
func keepSystemFields(object, old *apps.DaemonSet) {
	if object.UID == "" {
		object.UID = old.UID
	}
	object.CreationTimestamp = old.CreationTimestamp
	if old.DeletionTimestamp != nil && !old.DeletionTimestamp.IsZero() {
		object.DeletionTimestamp = old.DeletionTimestamp
	}
	if object.DeletionGracePeriodSeconds == nil {
		object.DeletionGracePeriodSeconds = old.DeletionGracePeriodSeconds
	}
}
