package main

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/sets"
	"k8s.io/apiserver/pkg/admission"
	genericrequest "k8s.io/apiserver/pkg/endpoints/request"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/klog/v2"
	configv1 "k8s.io/kube-scheduler/config/v1"
	fwk "k8s.io/kube-scheduler/framework"
	"k8s.io/kubernetes/pkg/api/legacyscheme"
	"k8s.io/kubernetes/pkg/apis/core"
	_ "k8s.io/kubernetes/pkg/apis/policy/install"
	_ "k8s.io/kubernetes/pkg/apis/scheduling/install"
	schedulingapiv1 "k8s.io/kubernetes/pkg/apis/scheduling/v1"
	_ "k8s.io/kubernetes/pkg/apis/storage/install"
	podregistry "k8s.io/kubernetes/pkg/registry/core/pod"
	"k8s.io/kubernetes/pkg/scheduler/apis/config"
	"k8s.io/kubernetes/pkg/scheduler/apis/config/scheme"
	internalcache "k8s.io/kubernetes/pkg/scheduler/backend/cache"
	"k8s.io/kubernetes/pkg/scheduler/framework"
	"k8s.io/kubernetes/pkg/scheduler/framework/plugins"
	"k8s.io/kubernetes/pkg/scheduler/framework/plugins/defaultpreemption"
	"k8s.io/kubernetes/pkg/scheduler/framework/plugins/dynamicresources"
	"k8s.io/kubernetes/pkg/scheduler/framework/plugins/nodevolumelimits"
	frameworkruntime "k8s.io/kubernetes/pkg/scheduler/framework/runtime"
	"k8s.io/kubernetes/pkg/scheduler/metrics"
	"k8s.io/kubernetes/pkg/scheduler/util/assumecache"
	"k8s.io/kubernetes/plugin/pkg/admission/priority"
)

// A cluster is what one question is about.
type cluster struct {
	nodes   []*corev1.Node
	pods    []*corev1.Pod
	objects map[string][]runtime.Object
}

func readCluster(raw []json.RawMessage) (*cluster, error) {
	found := &cluster{objects: map[string][]runtime.Object{}}
	for number, text := range raw {
		var meta metav1.TypeMeta
		if err := json.Unmarshal(text, &meta); err != nil {
			return nil, fmt.Errorf("object %d: %w", number, err)
		}
		name := meta.APIVersion + " " + meta.Kind
		kind, known := kindsOfObjects[name]
		if !known {
			return nil, fmt.Errorf("object %d: no kind %q", number, name)
		}
		object := kind.empty()
		if err := json.Unmarshal(text, object); err != nil {
			return nil, fmt.Errorf("object %d: %w", number, err)
		}
		legacyscheme.Scheme.Default(object)
		switch object := object.(type) {
		case *corev1.Node:
			found.nodes = append(found.nodes, object)
		case *corev1.Pod:
			if err := throughStorage(object); err != nil {
				return nil, fmt.Errorf("object %d: %w", number, err)
			}
			if object.UID == "" {
				object.UID = types.UID(fmt.Sprintf("pod %d", number))
			}
			found.pods = append(found.pods, object)
		}
		found.objects[name] = append(found.objects[name], object)
	}
	// The server itself makes these.
	for _, class := range schedulingapiv1.SystemPriorityClasses() {
		name := "scheduling.k8s.io/v1 PriorityClass"
		found.objects[name] = append(found.objects[name], class)
	}
	return found, nil
}

// throughStorage writes the pod down and reads it again, as it reaches the
// scheduler. That matters: upstream's sums of requests change quantities that
// are written like "2.5Gi" in place, and storage writes them as "2560Mi".
func throughStorage(pod *corev1.Pod) error {
	text, err := json.Marshal(pod)
	if err != nil {
		return err
	}
	*pod = corev1.Pod{}
	if err := json.Unmarshal(text, pod); err != nil {
		return err
	}
	legacyscheme.Scheme.Default(pod)
	return nil
}

// A bench is a scheduler whose cluster can be exchanged.
type bench struct {
	snapshot   *swapped
	framework  framework.Framework
	preemption *defaultpreemption.DefaultPreemption
	priority   *priority.Plugin
	fed        map[string]*fedInformer
	nodes      []*corev1.Node
	pods       []*corev1.Pod
}

// swapped is the snapshot that all plugins hold on to.
type swapped struct{ *internalcache.Snapshot }

func newBench() (*bench, error) {
	ctx := klog.NewContext(context.Background(), klog.Background())
	// Nothing ever asks this client anything.
	client, err := kubernetes.NewForConfig(&rest.Config{Host: "127.0.0.1:1"})
	if err != nil {
		return nil, err
	}
	metrics.Register()
	factory, fed := fedFactory(client)
	made := &bench{snapshot: &swapped{internalcache.NewEmptySnapshot()}, fed: fed}

	registry := plugins.NewInTreeRegistry()
	newPreemption := registry[defaultpreemption.Name]
	registry[defaultpreemption.Name] = func(ctx context.Context, args runtime.Object, handle fwk.Handle) (fwk.Plugin, error) {
		plugin, err := newPreemption(ctx, args, handle)
		made.preemption, _ = plugin.(*defaultpreemption.DefaultPreemption)
		return plugin, err
	}
	profile, err := defaultProfile()
	if err != nil {
		return nil, err
	}
	claims := assumecache.NewAssumeCache(klog.Background(), factory.Resource().V1().ResourceClaims().Informer(), "ResourceClaim", "", nil)
	options := []frameworkruntime.Option{
		frameworkruntime.WithClientSet(client),
		frameworkruntime.WithInformerFactory(factory),
		frameworkruntime.WithSnapshotSharedLister(made.snapshot),
		frameworkruntime.WithParallelism(1),
		frameworkruntime.WithPodNominator(nobodyNominated{}),
		frameworkruntime.WithSharedDRAManager(dynamicresources.NewDRAManager(ctx, claims, nil, factory)),
		frameworkruntime.WithSharedCSIManager(nodevolumelimits.NewCSIManager(factory.Storage().V1().CSINodes().Lister())),
	}
	made.framework, err = frameworkruntime.NewFramework(ctx, registry, profile, append(options, ofThisMinor(made)...)...)
	if err != nil {
		return nil, err
	}
	made.priority = priority.NewPlugin()
	made.priority.SetExternalKubeClientSet(client)
	made.priority.SetExternalKubeInformerFactory(factory)
	return made, made.priority.ValidateInitialization()
}

// defaultProfile is what kube-scheduler runs with where nothing is configured.
func defaultProfile() (*config.KubeSchedulerProfile, error) {
	var versioned configv1.KubeSchedulerConfiguration
	scheme.Scheme.Default(&versioned)
	var defaults config.KubeSchedulerConfiguration
	if err := scheme.Scheme.Convert(&versioned, &defaults, nil); err != nil {
		return nil, err
	}
	return &defaults.Profiles[0], nil
}

// nobodyNominated says that no pod waits for room that preemption makes.
type nobodyNominated struct{}

func (nobodyNominated) AddNominatedPod(klog.Logger, fwk.PodInfo, *fwk.NominatingInfo) {}
func (nobodyNominated) DeleteNominatedPodIfExists(*corev1.Pod)                        {}
func (nobodyNominated) UpdateNominatedPod(klog.Logger, *corev1.Pod, fwk.PodInfo)      {}
func (nobodyNominated) NominatedPodsForNode(string) []fwk.PodInfo                     { return nil }

// set exchanges the cluster. The DaemonSet's own pods are left out, since it is
// rolled out anew, and so are pods that the scheduler's cache does not count.
func (b *bench) set(found *cluster, set *appsv1.DaemonSet) error {
	for name, informer := range b.fed {
		if err := informer.forget(); err != nil {
			return err
		}
		for _, object := range found.objects[name] {
			if err := informer.learn(object); err != nil {
				return err
			}
		}
	}
	names := sets.New[string]()
	for _, node := range found.nodes {
		names.Insert(node.Name)
	}
	b.nodes = found.nodes
	b.pods = slices.DeleteFunc(slices.Clone(found.pods), func(pod *corev1.Pod) bool {
		return !names.Has(pod.Spec.NodeName) || isOver(pod) || isOwn(pod, set)
	})
	b.snapshot.Snapshot = internalcache.NewSnapshot(b.pods, b.nodes)
	return nil
}

func isOver(pod *corev1.Pod) bool {
	return pod.Status.Phase == corev1.PodSucceeded || pod.Status.Phase == corev1.PodFailed
}

func isOwn(pod *corev1.Pod, set *appsv1.DaemonSet) bool {
	owner := metav1.GetControllerOf(pod)
	return owner != nil && owner.Kind == "DaemonSet" && owner.Name == set.Name && pod.Namespace == set.Namespace
}

// admit makes of the pod that the controller sends the pod that the server
// stores, or says why it refuses it.
func (b *bench) admit(pod *corev1.Pod) (stored *corev1.Pod, refused string, err error) {
	legacyscheme.Scheme.Default(pod)
	var internal core.Pod
	if err := legacyscheme.Scheme.Convert(pod, &internal, nil); err != nil {
		return nil, "", err
	}
	ctx := genericrequest.WithNamespace(context.Background(), pod.Namespace)
	attributes := admission.NewAttributesRecord(
		&internal, nil, corev1.SchemeGroupVersion.WithKind("Pod"), pod.Namespace, pod.Name,
		corev1.SchemeGroupVersion.WithResource("pods"), "", admission.Create, &metav1.CreateOptions{}, false, nil,
	)
	if err := b.priority.Admit(ctx, attributes, nil); err != nil {
		return nil, err.Error(), nil
	}
	podregistry.Strategy.PrepareForCreate(ctx, &internal)
	stored = &corev1.Pod{}
	if err := legacyscheme.Scheme.Convert(&internal, stored, nil); err != nil {
		return nil, "", err
	}
	return stored, "", throughStorage(stored)
}

// An objection is the first thing that the scheduler has against a node.
type objection struct {
	plugin  string
	reasons []string
	status  *fwk.Status
	state   fwk.CycleState
}

// filter asks the scheduler whether the pod, which is made for the node, may
// run there; nil where it may.
func (b *bench) filter(pod *corev1.Pod, node string) *objection {
	ctx := context.Background()
	for _, plugin := range b.framework.PreEnqueuePlugins() {
		if status := plugin.PreEnqueue(ctx, pod); !status.IsSuccess() {
			gate := fwk.NewStatus(fwk.UnschedulableAndUnresolvable, status.Reasons()...)
			return &objection{plugin: plugin.Name(), reasons: status.Reasons(), status: gate}
		}
	}
	state := framework.NewCycleState()
	result, status, named := b.framework.RunPreFilterPlugins(ctx, state, pod)
	if status.IsSuccess() && !result.AllNodes() && !result.NodeNames.Has(node) {
		status = fwk.NewStatus(fwk.UnschedulableAndUnresolvable, "node(s) left out before filtering")
	}
	if !status.IsSuccess() {
		plugin := status.Plugin()
		if plugin == "" {
			// The controller pins the pod to the node, so the other ones are to blame.
			plugin = strings.Join(sets.List(named.Difference(sets.New("NodeAffinity"))), "+")
		}
		return &objection{plugin: plugin, reasons: status.Reasons(), status: status, state: state}
	}
	info, err := b.snapshot.NodeInfos().Get(node)
	if err != nil {
		return &objection{plugin: "Snapshot", reasons: []string{err.Error()}, status: fwk.AsStatus(err)}
	}
	status = b.framework.RunFilterPluginsWithNominatedPods(ctx, state, pod, info)
	if status.IsSuccess() {
		return nil
	}
	return &objection{plugin: status.Plugin(), reasons: status.Reasons(), status: status, state: state}
}

// assume counts the pod among those on the node.
func (b *bench) assume(pod *corev1.Pod, node string) {
	pod.Spec.NodeName = node
	b.pods = append(b.pods, pod)
	b.snapshot.Snapshot = internalcache.NewSnapshot(b.pods, b.nodes)
}

// victims are the pods that the scheduler would remove from the node to make
// room; nil where that does not help or is not allowed.
func (b *bench) victims(pod *corev1.Pod, node string, against *objection) []string {
	// The scheduler looks only at nodes where other pods may be the obstacle.
	if against.status.Code() != fwk.Unschedulable || against.state == nil {
		return nil
	}
	ctx := context.Background()
	if eligible, _ := b.preemption.PodEligibleToPreemptOthers(ctx, pod, nil); !eligible {
		return nil
	}
	info, err := b.snapshot.NodeInfos().Get(node)
	if err != nil {
		return nil
	}
	var budgets []*policyv1.PodDisruptionBudget
	for _, budget := range b.fed["policy/v1 PodDisruptionBudget"].GetIndexer().List() {
		budgets = append(budgets, budget.(*policyv1.PodDisruptionBudget))
	}
	candidates, _, err := b.preemption.Evaluator.DryRunPreemption(ctx, against.state, pod, []fwk.NodeInfo{info}, budgets, 0, 1)
	if err != nil || len(candidates) == 0 {
		return nil
	}
	var names []string
	for _, victim := range candidates[0].Victims().Pods {
		names = append(names, victim.Namespace+"/"+victim.Name)
	}
	slices.Sort(names)
	return names
}
