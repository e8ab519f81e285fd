//go:build !until136

package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
	_ "unsafe" // for go:linkname

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	utilfeature "k8s.io/apiserver/pkg/util/feature"
	clientset "k8s.io/client-go/kubernetes"
	typedapps "k8s.io/client-go/kubernetes/typed/apps/v1"
	typedcore "k8s.io/client-go/kubernetes/typed/core/v1"
	appslisters "k8s.io/client-go/listers/apps/v1"
	corelisters "k8s.io/client-go/listers/core/v1"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/util/flowcontrol"
	"k8s.io/klog/v2"
	"k8s.io/kubernetes/pkg/controller/daemon"
)

// A rolloutNode is one node: whether the template wants it, the pods that are
// there, and what becomes of a new pod.
type rolloutNode struct {
	// run: the controller makes a pod. keep: it makes none, and leaves one
	// that is there. remove: it deletes what is there.
	Wanted string `json:"wanted"`
	// none, unavailable or available: the pod of an older template.
	Old string `json:"old"`
	// The same of the pod of this template.
	New string `json:"new"`
	// starts, afterOld (it waits for what the old pod holds) or never.
	Starts string `json:"starts"`
}

type rolloutQuestion struct {
	identity
	DaemonSet *appsv1.DaemonSet `json:"daemonSet"`
	Nodes     []rolloutNode     `json:"nodes"`
}

// A rolloutSync is what one pass of the controller did, by the nodes' places.
type rolloutSync struct {
	Created    []int `json:"created"`
	DeletedOld []int `json:"deletedOld"`
	DeletedNew []int `json:"deletedNew"`
}

type rolloutAnswer struct {
	identity
	Desired        int `json:"desired"`
	MaxUnavailable int `json:"maxUnavailable"`
	MaxSurge       int `json:"maxSurge"`
	// A wave is all that the controller does until it waits for pods to become
	// available.
	Waves [][]rolloutSync `json:"waves"`
	End   []rolloutNode   `json:"end"`
}

// The controller's passes are methods that it does not export. They are named
// here by their symbols, so that each pass runs when it is asked for, and in no
// goroutine of its own.

//go:linkname syncDaemonSet k8s.io/kubernetes/pkg/controller/daemon.(*DaemonSetsController).syncDaemonSet
func syncDaemonSet(c *daemon.DaemonSetsController, ctx context.Context, key string) error

//go:linkname podAdded k8s.io/kubernetes/pkg/controller/daemon.(*DaemonSetsController).addPod
func podAdded(c *daemon.DaemonSetsController, logger klog.Logger, obj interface{})

//go:linkname podDeleted k8s.io/kubernetes/pkg/controller/daemon.(*DaemonSetsController).deletePod
func podDeleted(c *daemon.DaemonSetsController, logger klog.Logger, obj interface{})

//go:linkname desiredCounts k8s.io/kubernetes/pkg/controller/daemon.(*DaemonSetsController).updatedDesiredNodeCounts
func desiredCounts(c *daemon.DaemonSetsController, ctx context.Context, ds *appsv1.DaemonSet, nodes []*corev1.Node, pods map[string][]*corev1.Pod) (int, int, int, error)

// A rig is the real controller upon caches that we fill and a client that
// writes into them. Its queues have goroutines, so rigs are used again.
type rig struct {
	controller *daemon.DaemonSetsController
	daemonSets cache.SharedIndexInformer
	histories  cache.SharedIndexInformer
	pods       cache.SharedIndexInformer
	nodes      cache.SharedIndexInformer

	mutex   sync.Mutex
	serial  int
	created []*corev1.Pod
	deleted []*corev1.Pod
}

var idleRigs = make(chan *rig, 64)

func takeRig() (*rig, error) {
	select {
	case r := <-idleRigs:
		return r, nil
	default:
		return newRig()
	}
}

var consistencyOff sync.Once

func newRig() (*rig, error) {
	// Whether a cache is behind the controller's own writes is asked of caches
	// that watch a server; ours are written to directly.
	consistencyOff.Do(func() {
		gates := utilfeature.DefaultMutableFeatureGate
		if _, known := gates.GetAll()["StaleControllerConsistencyDaemonSet"]; known {
			_ = gates.Set("StaleControllerConsistencyDaemonSet=false")
		}
	})
	store := func(object runtime.Object) cache.SharedIndexInformer {
		index := cache.Indexers{cache.NamespaceIndex: cache.MetaNamespaceIndexFunc}
		return cache.NewSharedIndexInformer(&cache.ListWatch{}, object, 0, index)
	}
	r := &rig{
		daemonSets: store(&appsv1.DaemonSet{}),
		histories:  store(&appsv1.ControllerRevision{}),
		pods:       store(&corev1.Pod{}),
		nodes:      store(&corev1.Node{}),
	}
	controller, err := daemon.NewDaemonSetsController(context.Background(), daemonSetCache{r}, historyCache{r}, podCache{r},
		nodeCache{r}, rigClient{rig: r}, flowcontrol.NewBackOff(time.Second, time.Minute))
	r.controller = controller
	return r, err
}

type daemonSetCache struct{ *rig }

func (c daemonSetCache) Informer() cache.SharedIndexInformer { return c.daemonSets }
func (c daemonSetCache) Lister() appslisters.DaemonSetLister {
	return appslisters.NewDaemonSetLister(c.daemonSets.GetIndexer())
}

type historyCache struct{ *rig }

func (c historyCache) Informer() cache.SharedIndexInformer { return c.histories }
func (c historyCache) Lister() appslisters.ControllerRevisionLister {
	return appslisters.NewControllerRevisionLister(c.histories.GetIndexer())
}

type podCache struct{ *rig }

func (c podCache) Informer() cache.SharedIndexInformer { return c.pods }
func (c podCache) Lister() corelisters.PodLister {
	return corelisters.NewPodLister(c.pods.GetIndexer())
}

type nodeCache struct{ *rig }

func (c nodeCache) Informer() cache.SharedIndexInformer { return c.nodes }
func (c nodeCache) Lister() corelisters.NodeLister {
	return corelisters.NewNodeLister(c.nodes.GetIndexer())
}

// rigClient has the calls that the controller makes. Any other would be news
// and panics, which the oracle reports.
type rigClient struct {
	clientset.Interface
	rig *rig
}

func (c rigClient) CoreV1() typedcore.CoreV1Interface { return rigCore{rig: c.rig} }
func (c rigClient) AppsV1() typedapps.AppsV1Interface { return rigApps{rig: c.rig} }

type rigCore struct {
	typedcore.CoreV1Interface
	rig *rig
}

func (c rigCore) Pods(string) typedcore.PodInterface { return rigPods{rig: c.rig} }

type rigPods struct {
	typedcore.PodInterface
	rig *rig
}

func (c rigPods) Create(_ context.Context, pod *corev1.Pod, _ metav1.CreateOptions) (*corev1.Pod, error) {
	r := c.rig
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.serial++
	pod.Name = fmt.Sprintf("new-%d", r.serial)
	pod.Namespace = corev1.NamespaceDefault
	pod.UID = types.UID(pod.Name)
	pod.CreationTimestamp = metav1.Unix(int64(2000+r.serial), 0)
	// The scheduler has bound it; whether it starts is the caller's word.
	pod.Spec.NodeName = pinnedTo(pod)
	r.created = append(r.created, pod)
	return pod, r.pods.GetStore().Add(pod)
}

func (c rigPods) Delete(_ context.Context, name string, _ metav1.DeleteOptions) error {
	r := c.rig
	r.mutex.Lock()
	defer r.mutex.Unlock()
	object, exists, err := r.pods.GetStore().GetByKey(corev1.NamespaceDefault + "/" + name)
	if err != nil || !exists {
		return errors.Join(err, apierrors.NewNotFound(corev1.Resource("pods"), name))
	}
	pod := object.(*corev1.Pod)
	r.deleted = append(r.deleted, pod)
	return r.pods.GetStore().Delete(pod)
}

type rigApps struct {
	typedapps.AppsV1Interface
	rig *rig
}

func (c rigApps) DaemonSets(string) typedapps.DaemonSetInterface { return rigDaemonSets{} }
func (c rigApps) ControllerRevisions(string) typedapps.ControllerRevisionInterface {
	return rigHistories{rig: c.rig}
}

type rigDaemonSets struct{ typedapps.DaemonSetInterface }

func (c rigDaemonSets) UpdateStatus(_ context.Context, ds *appsv1.DaemonSet, _ metav1.UpdateOptions) (*appsv1.DaemonSet, error) {
	return ds, nil
}

type rigHistories struct {
	typedapps.ControllerRevisionInterface
	rig *rig
}

func (c rigHistories) Create(_ context.Context, history *appsv1.ControllerRevision, _ metav1.CreateOptions) (*appsv1.ControllerRevision, error) {
	return history, c.rig.histories.GetStore().Add(history)
}

func pinnedTo(pod *corev1.Pod) string {
	for _, term := range pod.Spec.Affinity.NodeAffinity.RequiredDuringSchedulingIgnoredDuringExecution.NodeSelectorTerms {
		for _, field := range term.MatchFields {
			return field.Values[0]
		}
	}
	return ""
}
