package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apiserver/pkg/admission"
	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/apiserver/pkg/endpoints/request"
	"k8s.io/apiserver/pkg/registry/rest"
	"k8s.io/kubernetes/pkg/api/legacyscheme"
	"k8s.io/kubernetes/pkg/apis/core"
	"k8s.io/kubernetes/pkg/controller"
	"k8s.io/kubernetes/pkg/controller/daemon/util"
	"k8s.io/kubernetes/pkg/registry/apps/daemonset"
	podregistry "k8s.io/kubernetes/pkg/registry/core/pod"
)

// admissionQuestion is a DaemonSet that the server takes, and what stands
// around its pods: the namespace, limit ranges, quotas, accounts and classes.
type admissionQuestion struct {
	identity
	DaemonSet *appsv1.DaemonSet `json:"daemonSet"`
	Objects   []json.RawMessage `json:"objects"`
}

// admissionAnswer says whether the server stores the controller's pod. Plugin
// and Phase say who refuses it and when ("Admit", "Create" or "Validate"),
// Sentence how, without what names the pod. Pod is the pod as it is stored.
type admissionAnswer struct {
	identity
	Stored   bool         `json:"stored"`
	Plugin   string       `json:"plugin,omitempty"`
	Phase    string       `json:"phase,omitempty"`
	Sentence string       `json:"sentence,omitempty"`
	Pod      *admittedPod `json:"pod,omitempty"`
}

type admittedPod struct {
	Labels      map[string]string `json:"labels,omitempty"`
	Annotations map[string]string `json:"annotations,omitempty"`
	Spec        corev1.PodSpec    `json:"spec"`
}

// revisionHash stands for the hash of the template, which only the controller knows.
const revisionHash = "xxxxx"

// theController is who sends the pods.
var theController = &user.DefaultInfo{
	Name:   "system:serviceaccount:kube-system:daemon-set-controller",
	Groups: []string{"system:serviceaccounts", "system:serviceaccounts:kube-system", "system:authenticated"},
}

// gates are made once and lent to one question at a time.
var gates = sync.OnceValue(func() chan *gate {
	all := make(chan *gate, runtime.GOMAXPROCS(0))
	for range cap(all) {
		made, err := newGate()
		if err != nil {
			panic(err)
		}
		all <- made
	}
	return all
})

// admitPod makes the pod as the controller does and sends it the server's way.
func admitPod(asked admissionQuestion) any {
	if asked.DaemonSet == nil {
		return apology{identity: asked.identity, Malformed: "daemonSet is needed"}
	}
	pod, err := sentPod(asked.DaemonSet)
	if err != nil {
		return apology{identity: asked.identity, Malformed: err.Error()}
	}
	at := <-gates()
	defer func() { gates() <- at }()
	if err := at.set(asked.Objects); err != nil {
		return apology{identity: asked.identity, Malformed: err.Error()}
	}
	answer := admissionAnswer{identity: asked.identity}
	stored, refused, err := at.create(pod)
	if err != nil {
		return apology{identity: asked.identity, Malformed: err.Error()}
	}
	if refused != nil {
		answer.Plugin, answer.Phase, answer.Sentence = refused.plugin, refused.phase, sentence(refused.err)
		return answer
	}
	answer.Stored = true
	answer.Pod = &admittedPod{Labels: stored.Labels, Annotations: stored.Annotations, Spec: stored.Spec}
	return answer
}

// sentPod is the pod as it reaches the server: made of the template that
// the server has stored, and written down once.
func sentPod(set *appsv1.DaemonSet) (*corev1.Pod, error) {
	object := internal(set)
	ctx := requestContext(object.Namespace)
	rest.WipeObjectMetaSystemFields(object)
	rest.FillObjectMetaSystemFields(object)
	daemonset.Strategy.PrepareForCreate(ctx, object)
	stored := &appsv1.DaemonSet{}
	if err := legacyscheme.Scheme.Convert(object, stored, nil); err != nil {
		return nil, err
	}
	generation, err := util.GetTemplateGeneration(stored)
	if err != nil {
		return nil, err
	}
	template := util.CreatePodTemplate(stored.Spec.Template, generation, revisionHash)
	owner := metav1.NewControllerRef(stored, appsv1.SchemeGroupVersion.WithKind("DaemonSet"))
	pod, err := controller.GetPodFromTemplate(&template, stored, owner)
	if err != nil {
		return nil, err
	}
	pod.Namespace = stored.Namespace
	return pod, throughStorage(pod)
}

// A refusal is the first error on the pod's way.
type refusal struct {
	plugin string
	phase  string
	err    error
}

// create does what the request handler and the registry do with a new pod.
func (g *gate) create(versioned *corev1.Pod) (*corev1.Pod, *refusal, error) {
	pod := &core.Pod{}
	if err := legacyscheme.Scheme.Convert(versioned, pod, nil); err != nil {
		return nil, nil, err
	}
	ctx := admissionContext(pod.Namespace)
	rest.WipeObjectMetaSystemFields(pod)
	attributes := attributesOf(pod, "")
	for _, link := range g.chain {
		mutating, ok := link.plugin.(admission.MutationInterface)
		if !ok || !mutating.Handles(admission.Create) {
			continue
		}
		if err := mutating.Admit(ctx, attributes, nil); err != nil {
			return nil, &refusal{link.name, "Admit", err}, nil
		}
	}
	rest.FillObjectMetaSystemFields(pod)
	pod.Name = generatedPodName(pod.GenerateName)
	if err := rest.BeforeCreate(podregistry.Strategy, ctx, pod); err != nil {
		return nil, &refusal{"Validation", "Create", err}, nil
	}
	attributes = attributesOf(pod, pod.Name)
	for _, link := range g.chain {
		validating, ok := link.plugin.(admission.ValidationInterface)
		if !ok || !validating.Handles(admission.Create) {
			continue
		}
		if err := validating.Validate(ctx, attributes, nil); err != nil {
			return nil, &refusal{link.name, "Validate", err}, nil
		}
	}
	stored := &corev1.Pod{}
	return stored, nil, legacyscheme.Scheme.Convert(pod, stored, nil)
}

func admissionContext(namespace string) context.Context {
	ctx := request.WithNamespace(context.Background(), namespace)
	return request.WithRequestInfo(ctx, &request.RequestInfo{
		IsResourceRequest: true,
		APIVersion:        "v1",
		Resource:          "pods",
		Namespace:         namespace,
	})
}

func attributesOf(pod *core.Pod, name string) admission.Attributes {
	return admission.NewAttributesRecord(
		pod, nil, corev1.SchemeGroupVersion.WithKind("Pod"), pod.Namespace, name,
		corev1.SchemeGroupVersion.WithResource("pods"), "", admission.Create, &metav1.CreateOptions{}, false,
		theController,
	)
}

// generatedPodName has a constant end for the same reason as generatedName.
func generatedPodName(base string) string {
	name := podregistry.Strategy.GenerateName(base)
	return name[:len(name)-len(revisionHash)] + revisionHash
}

// sentence is what the server says, without the beginning that names the pod.
func sentence(err error) string {
	text := err.Error()
	var status apierrors.APIStatus
	if !errors.As(err, &status) {
		return text
	}
	details := status.Status().Details
	if details == nil {
		return text
	}
	for _, beginning := range []string{
		fmt.Sprintf("pods %q is forbidden: ", details.Name),
		fmt.Sprintf("Pod %q is invalid: ", details.Name),
	} {
		if rest, found := strings.CutPrefix(text, beginning); found {
			return rest
		}
	}
	return text
}
