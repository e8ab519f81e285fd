package main

import (
	"time"

	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	schedulingv1 "k8s.io/api/scheduling/v1"
	storagev1 "k8s.io/api/storage/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"
)

// A fed informer learns its objects from us instead of from a server, and tells
// its listeners at once. It takes the place of the one that an informer factory
// would make, so that listers and caches of upstream work as they always do.
type fedInformer struct {
	cache.SharedIndexInformer
	listeners []cache.ResourceEventHandler
}

func (i *fedInformer) AddEventHandler(handler cache.ResourceEventHandler) (cache.ResourceEventHandlerRegistration, error) {
	i.listeners = append(i.listeners, handler)
	// The informer under it is never started, so nothing is told twice.
	return i.SharedIndexInformer.AddEventHandler(handler)
}

func (i *fedInformer) HasSynced() bool { return true }

// forget takes out everything.
func (i *fedInformer) forget() error {
	for _, object := range i.GetIndexer().List() {
		if err := i.GetIndexer().Delete(object); err != nil {
			return err
		}
		for _, listener := range i.listeners {
			listener.OnDelete(object)
		}
	}
	return nil
}

func (i *fedInformer) learn(object runtime.Object) error {
	if err := i.GetIndexer().Add(object); err != nil {
		return err
	}
	for _, listener := range i.listeners {
		listener.OnAdd(object, false)
	}
	return nil
}

// A kind of object that a cluster may hold.
type kindOfObject struct {
	empty func() runtime.Object
}

// kindsOfObjects are all kinds that the scheduler's filters and the priority
// admission read.
var kindsOfObjects = map[string]kindOfObject{
	"v1 Namespace":                         {func() runtime.Object { return &corev1.Namespace{} }},
	"v1 Node":                              {func() runtime.Object { return &corev1.Node{} }},
	"v1 PersistentVolume":                  {func() runtime.Object { return &corev1.PersistentVolume{} }},
	"v1 PersistentVolumeClaim":             {func() runtime.Object { return &corev1.PersistentVolumeClaim{} }},
	"v1 Pod":                               {func() runtime.Object { return &corev1.Pod{} }},
	"policy/v1 PodDisruptionBudget":        {func() runtime.Object { return &policyv1.PodDisruptionBudget{} }},
	"scheduling.k8s.io/v1 PriorityClass":   {func() runtime.Object { return &schedulingv1.PriorityClass{} }},
	"storage.k8s.io/v1 CSIDriver":          {func() runtime.Object { return &storagev1.CSIDriver{} }},
	"storage.k8s.io/v1 CSINode":            {func() runtime.Object { return &storagev1.CSINode{} }},
	"storage.k8s.io/v1 CSIStorageCapacity": {func() runtime.Object { return &storagev1.CSIStorageCapacity{} }},
	"storage.k8s.io/v1 StorageClass":       {func() runtime.Object { return &storagev1.StorageClass{} }},
	"storage.k8s.io/v1 VolumeAttachment":   {func() runtime.Object { return &storagev1.VolumeAttachment{} }},
}

// fedFactory makes a factory whose informers are all ours to feed.
func fedFactory(client kubernetes.Interface) (informers.SharedInformerFactory, map[string]*fedInformer) {
	factory := informers.NewSharedInformerFactory(client, 0)
	fed := map[string]*fedInformer{}
	for name, kind := range kindsOfObjects {
		informer := &fedInformer{SharedIndexInformer: cache.NewSharedIndexInformer(
			&cache.ListWatch{}, kind.empty(), 0,
			cache.Indexers{cache.NamespaceIndex: cache.MetaNamespaceIndexFunc},
		)}
		fed[name] = informer
		factory.InformerFor(kind.empty(), func(kubernetes.Interface, time.Duration) cache.SharedIndexInformer {
			return informer
		})
	}
	return factory, fed
}
