package main

import (
	"context"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apiserver/pkg/endpoints/request"
	"k8s.io/apiserver/pkg/registry/rest"
	"k8s.io/klog/v2"
	"k8s.io/kubernetes/pkg/api/legacyscheme"
	"k8s.io/kubernetes/pkg/apis/core"
	"k8s.io/kubernetes/pkg/controller"
	"k8s.io/kubernetes/pkg/controller/daemon/util"
	"k8s.io/kubernetes/pkg/registry/apps/daemonset"
	"k8s.io/kubernetes/pkg/registry/core/pod"
)

// podQuestion is a DaemonSet as somebody writes it.
type podQuestion struct {
	identity
	Doc string `json:"doc"`
}

// podAnswer says what the server does with the pods of a DaemonSet when no
// plugin stands in between. Skipped is a DaemonSet that is not stored, so that
// it has no pods.
type podAnswer struct {
	identity
	Skipped bool `json:"skipped,omitempty"`
	// Refusal is the server's sentence about the pod without the words about
	// its name. Where it goes over a map, its errors come in any order, so they
	// are given one by one as well, each with its field.
	Refusal string     `json:"refusal,omitempty"`
	Errors  []podError `json:"errors,omitempty"`
	Pod     *storedPod `json:"pod,omitempty"`
}

type podError struct {
	Field string `json:"field"`
	Text  string `json:"text"`
}

// storedPod is what the server stores, as far as the template decides it.
type storedPod struct {
	Labels      map[string]string `json:"labels,omitempty"`
	Annotations map[string]string `json:"annotations,omitempty"`
	Finalizers  []string          `json:"finalizers,omitempty"`
	Spec        corev1.PodSpec    `json:"spec"`
}

const (
	podNode       = "node-a"
	podGeneration = 1
	podHash       = "oracle"
)

// storePod walks the whole road: the DaemonSet is stored, the controller makes
// a pod of it, the server stores that too.
func storePod(asked podQuestion) any {
	object, strictness, err := decode(strict, asked.Doc)
	if err != nil || len(strictness) > 0 {
		return podAnswer{identity: asked.identity, Skipped: true}
	}
	stored, ok := storedDaemonSet(object)
	if !ok {
		return podAnswer{identity: asked.identity, Skipped: true}
	}
	versioned, err := controllersPod(stored)
	if err != nil {
		return apology{identity: asked.identity, Malformed: err.Error()}
	}

	legacyscheme.Scheme.Default(versioned)
	made := &core.Pod{}
	if err := legacyscheme.Scheme.Convert(versioned, made, nil); err != nil {
		return apology{identity: asked.identity, Malformed: err.Error()}
	}
	made.Namespace = stored.Namespace
	ctx := podContext(made.Namespace)
	rest.FillObjectMetaSystemFields(made)
	made.Name = generatedName(made.GenerateName)
	pod.Strategy.PrepareForCreate(ctx, made)
	if errs := validatePod(ctx, made); len(errs) > 0 {
		answer := podAnswer{identity: asked.identity, Refusal: errs.ToAggregate().Error()}
		for _, err := range errs {
			answer.Errors = append(answer.Errors, podError{Field: err.Field, Text: err.Error()})
		}
		return answer
	}
	back := &corev1.Pod{}
	if err := legacyscheme.Scheme.Convert(made, back, nil); err != nil {
		return apology{identity: asked.identity, Malformed: err.Error()}
	}
	return podAnswer{identity: asked.identity, Pod: &storedPod{
		Labels:      back.Labels,
		Annotations: back.Annotations,
		Finalizers:  back.Finalizers,
		Spec:        back.Spec,
	}}
}

// storedDaemonSet is the object as the controller reads it, if the server takes it.
func storedDaemonSet(versioned *appsv1.DaemonSet) (*appsv1.DaemonSet, bool) {
	object := internal(versioned)
	ctx := requestContext(object.Namespace)
	rest.WipeObjectMetaSystemFields(object)
	dropDuplicateOwners(object)
	object = takeManagedFields(&appsv1.DaemonSet{}, object)
	rest.FillObjectMetaSystemFields(object)
	if object.Name == "" && object.GenerateName != "" {
		object.Name = generatedName(object.GenerateName)
	}
	daemonset.Strategy.PrepareForCreate(ctx, object)
	if len(validateCreate(ctx, object)) > 0 {
		return nil, false
	}
	stored := &appsv1.DaemonSet{}
	if err := legacyscheme.Scheme.Convert(object, stored, nil); err != nil {
		panic(err)
	}
	// The controller reads what is stored with the defaults of a reader.
	legacyscheme.Scheme.Default(stored)
	return stored, true
}

// controllersPod is the pod that the controller sends for one node.
func controllersPod(set *appsv1.DaemonSet) (*corev1.Pod, error) {
	generation := int64(podGeneration)
	template := util.CreatePodTemplate(set.Spec.Template, &generation, podHash)
	template.Spec.Affinity = util.ReplaceDaemonSetPodNodeNameNodeAffinity(template.Spec.Affinity, podNode)
	owner := metav1.NewControllerRef(set, appsv1.SchemeGroupVersion.WithKind("DaemonSet"))
	return controller.GetPodFromTemplate(&template, set, owner)
}

func podContext(namespace string) context.Context {
	ctx := request.WithNamespace(klog.NewContext(context.Background(), klog.Background()), namespace)
	return request.WithRequestInfo(ctx, &request.RequestInfo{
		IsResourceRequest: true,
		APIVersion:        "v1",
		Resource:          "pods",
		Namespace:         namespace,
	})
}
