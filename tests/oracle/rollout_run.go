//go:build !until136

package main

import (
	"context"
	"fmt"
	"slices"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/klog/v2"
	"k8s.io/kubernetes/pkg/api/legacyscheme"
)

const (
	none        = "none"
	unavailable = "unavailable"
	available   = "available"
)

// rollOut lets the controller roll a DaemonSet out over nodes in a given state,
// with every new pod that can start becoming available before its next wave.
func rollOut(asked rolloutQuestion) any {
	if asked.DaemonSet == nil {
		return apology{identity: asked.identity, Malformed: "daemonSet is needed"}
	}
	r, err := takeRig()
	if err != nil {
		return apology{identity: asked.identity, Malformed: err.Error()}
	}
	answer, err := r.rollOut(asked)
	if err != nil {
		return apology{identity: asked.identity, Malformed: err.Error()}
	}
	answer.identity = asked.identity
	// A rig whose controller panicked never comes back here.
	select {
	case idleRigs <- r:
	default:
	}
	return answer
}

func (r *rig) rollOut(asked rolloutQuestion) (*rolloutAnswer, error) {
	r.serial++
	ds := asked.DaemonSet.DeepCopy()
	legacyscheme.Scheme.Default(ds)
	ds.Namespace = corev1.NamespaceDefault
	// What the controller remembers of a DaemonSet goes by its name.
	ds.Name = fmt.Sprintf("ds-%d", r.serial)
	ds.UID = types.UID(ds.Name)
	key := ds.Namespace + "/" + ds.Name

	nodes := make([]*corev1.Node, len(asked.Nodes))
	objects := make([]interface{}, len(asked.Nodes))
	for i, asked := range asked.Nodes {
		node := &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: fmt.Sprintf("n%d", i)}}
		switch asked.Wanted {
		case "keep":
			node.Spec.Taints = []corev1.Taint{{Key: "k", Effect: corev1.TaintEffectNoSchedule}}
		case "remove":
			node.Spec.Taints = []corev1.Taint{{Key: "k", Effect: corev1.TaintEffectNoExecute}}
		}
		nodes[i], objects[i] = node, node
	}
	for store, content := range map[interface {
		Replace([]interface{}, string) error
	}][]interface{}{
		r.daemonSets.GetStore(): {ds},
		r.nodes.GetStore():      objects,
		r.histories.GetStore():  nil,
		r.pods.GetStore():       nil,
	} {
		if err := store.Replace(content, ""); err != nil {
			return nil, err
		}
	}
	hash, err := r.hash(ds, key)
	if err != nil {
		return nil, err
	}
	for i, asked := range asked.Nodes {
		if asked.Old != none {
			err = r.place(ds, i, "an-older-one", 1000, asked.Old == available)
		}
		if err == nil && asked.New != none {
			err = r.place(ds, i, hash, 1500, asked.New == available)
		}
		if err != nil {
			return nil, err
		}
	}

	answer := &rolloutAnswer{Waves: [][]rolloutSync{}}
	answer.MaxSurge, answer.MaxUnavailable, answer.Desired, err =
		desiredCounts(r.controller, context.Background(), ds, nodes, map[string][]*corev1.Pod{})
	if err != nil {
		return nil, err
	}
	for range 4*len(nodes) + 8 {
		wave, err := r.wave(ds, key, hash)
		if err != nil {
			return nil, err
		}
		started := r.start(asked.Nodes)
		if len(wave) > 0 {
			answer.Waves = append(answer.Waves, wave)
		} else if !started {
			answer.End = r.state(asked.Nodes, hash)
			return answer, nil
		}
	}
	return nil, fmt.Errorf("it does not end")
}

// hash is what the controller calls the template: it says so in the history
// that its first pass writes, for which no node is in sight.
func (r *rig) hash(ds *appsv1.DaemonSet, key string) (string, error) {
	nodes := r.nodes.GetStore().List()
	if err := r.nodes.GetStore().Replace(nil, ""); err != nil {
		return "", err
	}
	if err := syncDaemonSet(r.controller, context.Background(), key); err != nil {
		return "", err
	}
	for _, history := range r.histories.GetStore().List() {
		hash := history.(*appsv1.ControllerRevision).Labels[appsv1.DefaultDaemonSetUniqueLabelKey]
		return hash, r.nodes.GetStore().Replace(nodes, "")
	}
	return "", fmt.Errorf("no history of %s", ds.Name)
}

func (r *rig) place(ds *appsv1.DaemonSet, node int, hash string, age int64, ready bool) error {
	pod := &corev1.Pod{ObjectMeta: *ds.Spec.Template.ObjectMeta.DeepCopy(), Spec: *ds.Spec.Template.Spec.DeepCopy()}
	pod.Name = fmt.Sprintf("pod-%d-%s", node, hash)
	pod.Namespace = ds.Namespace
	pod.UID = types.UID(pod.Name)
	pod.CreationTimestamp = metav1.Unix(age, 0)
	pod.OwnerReferences = []metav1.OwnerReference{*metav1.NewControllerRef(ds, appsv1.SchemeGroupVersion.WithKind("DaemonSet"))}
	pod.Labels[appsv1.DefaultDaemonSetUniqueLabelKey] = hash
	pod.Spec.NodeName = fmt.Sprintf("n%d", node)
	if ready {
		makeReady(pod)
	}
	return r.pods.GetStore().Add(pod)
}

func makeReady(pod *corev1.Pod) {
	pod.Status.Phase = corev1.PodRunning
	pod.Status.Conditions = []corev1.PodCondition{{
		Type: corev1.PodReady, Status: corev1.ConditionTrue, LastTransitionTime: metav1.Unix(3000, 0),
	}}
}

// wave runs passes until one does nothing.
func (r *rig) wave(ds *appsv1.DaemonSet, key, hash string) ([]rolloutSync, error) {
	var wave []rolloutSync
	for {
		r.created, r.deleted = nil, nil
		if err := syncDaemonSet(r.controller, context.Background(), key); err != nil {
			return nil, err
		}
		if len(r.created)+len(r.deleted) == 0 {
			return wave, nil
		}
		done := rolloutSync{Created: []int{}, DeletedOld: []int{}, DeletedNew: []int{}}
		for _, pod := range r.created {
			podAdded(r.controller, klog.Background(), pod)
			done.Created = append(done.Created, placeOf(pod))
		}
		for _, pod := range r.deleted {
			podDeleted(r.controller, klog.Background(), pod)
			if isNew(pod, hash) {
				done.DeletedNew = append(done.DeletedNew, placeOf(pod))
			} else {
				done.DeletedOld = append(done.DeletedOld, placeOf(pod))
			}
		}
		slices.Sort(done.Created)
		slices.Sort(done.DeletedOld)
		slices.Sort(done.DeletedNew)
		wave = append(wave, done)
	}
}

// start makes available what can start, and says whether there was anything.
func (r *rig) start(nodes []rolloutNode) bool {
	hasOld := map[int]bool{}
	var waiting []*corev1.Pod
	for _, object := range r.pods.GetStore().List() {
		pod := object.(*corev1.Pod)
		switch {
		case pod.Labels[appsv1.DefaultDaemonSetUniqueLabelKey] == "an-older-one":
			hasOld[placeOf(pod)] = true
		case len(pod.Status.Conditions) == 0:
			waiting = append(waiting, pod)
		}
	}
	started := false
	for _, pod := range waiting {
		starts := nodes[placeOf(pod)].Starts
		if starts == "starts" || starts == "afterOld" && !hasOld[placeOf(pod)] {
			ready := pod.DeepCopy()
			makeReady(ready)
			started = true
			// The store is a map in memory, which takes what it is given.
			_ = r.pods.GetStore().Update(ready)
		}
	}
	return started
}

func (r *rig) state(nodes []rolloutNode, hash string) []rolloutNode {
	end := slices.Clone(nodes)
	for i := range end {
		end[i].Old, end[i].New = none, none
	}
	for _, object := range r.pods.GetStore().List() {
		pod := object.(*corev1.Pod)
		state := unavailable
		if len(pod.Status.Conditions) > 0 {
			state = available
		}
		if node := &end[placeOf(pod)]; isNew(pod, hash) {
			node.New = state
		} else {
			node.Old = state
		}
	}
	return end
}

func isNew(pod *corev1.Pod, hash string) bool {
	return pod.Labels[appsv1.DefaultDaemonSetUniqueLabelKey] == hash
}

func placeOf(pod *corev1.Pod) int {
	var place int
	_, _ = fmt.Sscanf(pod.Spec.NodeName, "n%d", &place)
	return place
}
