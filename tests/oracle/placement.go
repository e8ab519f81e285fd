package main

import (
	"encoding/json"
	"fmt"
	"runtime"
	"slices"
	"sync"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/klog/v2"
	"k8s.io/kubernetes/pkg/api/legacyscheme"
	"k8s.io/kubernetes/pkg/controller/daemon"
	"k8s.io/kubernetes/pkg/controller/daemon/util"
	"k8s.io/kubernetes/pkg/scheduler"
	"k8s.io/kubernetes/pkg/scheduler/framework"
)

// placementQuestion is a cluster and a DaemonSet that is rolled out anew on it.
type placementQuestion struct {
	identity
	DaemonSet *appsv1.DaemonSet `json:"daemonSet"`
	Objects   []json.RawMessage `json:"objects"`
}

type placementAnswer struct {
	identity
	Nodes []nodeAnswer `json:"nodes"`
}

// nodeAnswer is what becomes of the DaemonSet on one node. Plugin and Reasons
// say what the scheduler's first objection is; Victims are the pods that
// would make room, nil where preemption does not help.
type nodeAnswer struct {
	Name      string            `json:"name"`
	ShouldRun bool              `json:"shouldRun"`
	Continue  bool              `json:"continue"`
	Verdict   string            `json:"verdict"`
	Plugin    string            `json:"plugin,omitempty"`
	Reasons   []string          `json:"reasons,omitempty"`
	Admission []string          `json:"admission,omitempty"`
	Resources []missingResource `json:"resources,omitempty"`
	Victims   []string          `json:"victims"`
	last      *objection        `json:"-"`
}

type missingResource struct {
	Resource  string `json:"resource"`
	Requested int64  `json:"requested"`
	Used      int64  `json:"used"`
	Capacity  int64  `json:"capacity"`
}

const (
	runs      = "runs"
	pending   = "pending"
	notWanted = "notWanted"
)

// benches are made once: a framework is too slow to make for each question.
var benches = sync.OnceValue(func() chan *bench {
	all := make(chan *bench, runtime.GOMAXPROCS(0))
	for range cap(all) {
		made, err := newBench()
		if err != nil {
			panic(err)
		}
		all <- made
	}
	return all
})

// place rolls the DaemonSet out: the controller decides which nodes get a pod,
// the scheduler takes the pods one after another until none of those that are
// left fits.
func place(asked placementQuestion) any {
	if asked.DaemonSet == nil {
		return apology{identity: asked.identity, Malformed: "daemonSet is needed"}
	}
	found, err := readCluster(asked.Objects)
	if err != nil {
		return apology{identity: asked.identity, Malformed: err.Error()}
	}
	set := asked.DaemonSet
	legacyscheme.Scheme.Default(set)
	if set.Namespace == "" {
		set.Namespace = metav1.NamespaceDefault
	}
	if set.UID == "" {
		set.UID = "daemonset"
	}

	at := <-benches()
	defer func() { benches() <- at }()
	if err := at.set(found, set); err != nil {
		return apology{identity: asked.identity, Malformed: err.Error()}
	}
	answer := placementAnswer{identity: asked.identity, Nodes: make([]nodeAnswer, len(found.nodes))}
	wanted := 0
	for i, node := range found.nodes {
		run, stay := daemon.NodeShouldRunDaemonPod(klog.Background(), node, set)
		answer.Nodes[i] = nodeAnswer{Name: node.Name, ShouldRun: run, Continue: stay, Verdict: notWanted}
		if run {
			answer.Nodes[i].Verdict = pending
			wanted++
		}
	}
	if wanted == 0 {
		return answer
	}
	template, refused, err := at.admit(daemonPod(set))
	if err != nil {
		return apology{identity: asked.identity, Malformed: err.Error()}
	}
	for i := range answer.Nodes {
		if refused != "" && answer.Nodes[i].ShouldRun {
			answer.Nodes[i].Plugin, answer.Nodes[i].Reasons = "Priority", []string{refused}
		}
	}
	if refused != "" {
		return answer
	}
	for progress := true; progress; {
		progress = false
		for i := range answer.Nodes {
			node := &answer.Nodes[i]
			if !node.ShouldRun || node.Verdict == runs {
				continue
			}
			pod := podForNode(template, node.Name)
			node.last = at.filter(pod, node.Name)
			if node.last == nil {
				node.Verdict = runs
				node.Admission, _ = at.admission(pod, node.Name)
				at.assume(pod, node.Name)
				progress = true
			}
		}
		if !influencesOthers(template) {
			break
		}
	}
	for i := range answer.Nodes {
		if node := &answer.Nodes[i]; node.last != nil {
			pod := podForNode(template, node.Name)
			node.Plugin, node.Reasons = node.last.plugin, node.last.reasons
			node.Admission, node.Resources = at.admission(pod, node.Name)
			node.Victims = at.victims(pod, node.Name, node.last)
		}
	}
	return answer
}

// daemonPod is the pod as the controller sends it, but for the node.
func daemonPod(set *appsv1.DaemonSet) *corev1.Pod {
	generation, err := util.GetTemplateGeneration(set)
	if err != nil {
		generation = nil
	}
	// The hash stands in a label whose value nobody else has.
	template := util.CreatePodTemplate(set.Spec.Template, generation, "oracle")
	pod := &corev1.Pod{ObjectMeta: template.ObjectMeta, Spec: template.Spec}
	pod.Namespace = set.Namespace
	pod.GenerateName = set.Name + "-"
	kind := appsv1.SchemeGroupVersion.WithKind("DaemonSet")
	pod.OwnerReferences = []metav1.OwnerReference{*metav1.NewControllerRef(set, kind)}
	return pod
}

// podForNode is the pod as it is stored. What the server changed in it has
// nothing to do with the node, so that this comes last here.
func podForNode(template *corev1.Pod, node string) *corev1.Pod {
	pod := template.DeepCopy()
	pod.Name = template.GenerateName + node
	pod.UID = types.UID("made for " + node)
	pod.Spec.Affinity = util.ReplaceDaemonSetPodNodeNameNodeAffinity(pod.Spec.Affinity, node)
	return pod
}

// influencesOthers tells whether one pod of the DaemonSet may matter to
// another on a different node. A second look at the nodes is wasted otherwise.
func influencesOthers(pod *corev1.Pod) bool {
	affinity := pod.Spec.Affinity
	claims := slices.ContainsFunc(pod.Spec.Volumes, func(volume corev1.Volume) bool {
		return volume.PersistentVolumeClaim != nil || volume.Ephemeral != nil
	})
	return claims || len(pod.Spec.TopologySpreadConstraints) > 0 ||
		affinity != nil && (affinity.PodAffinity != nil || affinity.PodAntiAffinity != nil)
}

// admission asks the check that kubelet makes too, for all its objections.
func (b *bench) admission(pod *corev1.Pod, node string) (texts []string, missing []missingResource) {
	info, err := b.snapshot.NodeInfos().Get(node)
	if err != nil {
		return []string{err.Error()}, nil
	}
	for _, result := range scheduler.AdmissionCheck(pod, info.(*framework.NodeInfo), true) {
		if resource := result.InsufficientResource; resource != nil {
			texts = append(texts, resource.Reason)
			missing = append(missing, missingResource{
				Resource:  string(resource.ResourceName),
				Requested: resource.Requested,
				Used:      resource.Used,
				Capacity:  resource.Capacity,
			})
			continue
		}
		texts = append(texts, fmt.Sprintf("%s: %s", result.Name, result.Reason))
	}
	return texts, missing
}
