package main

import (
	"context"
	"encoding/json"
	"errors"
	"runtime"
	"sync"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	kruntime "k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apiserver/pkg/admission"
	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/apiserver/pkg/warning"
	"k8s.io/kubernetes/pkg/api/legacyscheme"
	"k8s.io/kubernetes/pkg/apis/apps"
	"k8s.io/kubernetes/pkg/apis/core"
)

// podSecurityQuestion is a pod template in a namespace of a server whose
// administrator configured the plugin, or a wish for the list of the checks.
type podSecurityQuestion struct {
	identity
	// Config is a PodSecurityConfiguration.
	Config    json.RawMessage        `json:"config"`
	Namespace podSecurityNamespace   `json:"namespace"`
	Template  corev1.PodTemplateSpec `json:"template"`
	// Sweep also asks for each version of both levels.
	Sweep bool `json:"sweep"`
	// List asks for the names of the checks, and for nothing else.
	List bool `json:"list"`
}

type podSecurityNamespace struct {
	Name   string            `json:"name"`
	Labels map[string]string `json:"labels"`
}

// podSecurityAnswer is what the plugin says of a pod of the template, empty
// where it takes it, and the warning about a DaemonSet with the template.
type podSecurityAnswer struct {
	identity
	Pod      string   `json:"pod"`
	Warnings []string `json:"warnings"`
	// Sweep has, for baseline and restricted, the sentence at each version
	// that has another one than the version before it.
	Sweep [][]versionSentence `json:"sweep,omitempty"`
	// Violated has a bit for each check that the pod does not pass, the lowest
	// for the first name of Checks.
	Violated uint64 `json:"violated"`
	// Checks are the names of the checks as id@version.
	Checks []string `json:"checks,omitempty"`
}

// The names of the pod and the DaemonSet. The caller knows them.
const (
	podSecurityPod       = "agent-x7k2p"
	podSecurityDaemonSet = "agent"
)

// podSecurityDesks are made once, as many as there are processors. Each has
// plugins of its own, since each changes the namespace that they see.
var podSecurityDesks = sync.OnceValue(func() chan *podSecurityDesk {
	all := make(chan *podSecurityDesk, runtime.GOMAXPROCS(0))
	for range cap(all) {
		all <- &podSecurityDesk{plugins: map[string]*podSecurityPlugin{}}
	}
	return all
})

type podSecurityDesk struct {
	plugins map[string]*podSecurityPlugin
}

func (d *podSecurityDesk) plugin(config json.RawMessage) (*podSecurityPlugin, error) {
	if made, found := d.plugins[string(config)]; found {
		return made, nil
	}
	made, err := newPodSecurityPlugin(config)
	if err == nil {
		d.plugins[string(config)] = made
	}
	return made, err
}

func judgePodSecurity(asked podSecurityQuestion) any {
	answer := podSecurityAnswer{identity: asked.identity, Warnings: []string{}}
	if asked.List {
		answer.Checks = podSecurityChecks()
		return answer
	}
	desk := <-podSecurityDesks()
	defer func() { podSecurityDesks() <- desk }()
	plugin, err := desk.plugin(asked.Config)
	if err == nil {
		err = plugin.judge(asked, &answer)
	}
	if err != nil {
		return apology{identity: asked.identity, Malformed: err.Error()}
	}
	answer.Violated = violatedPodSecurity(&asked.Template)
	if asked.Sweep {
		answer.Sweep = sweepPodSecurity(&asked.Template)
	}
	return answer
}

func (p *podSecurityPlugin) judge(asked podSecurityQuestion, answer *podSecurityAnswer) error {
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: asked.Namespace.Name, Labels: asked.Namespace.Labels}}
	if err := p.namespaces.Add(namespace); err != nil {
		return err
	}
	defer func() { _ = p.namespaces.Delete(namespace) }()

	// The server holds objects in its internal version, so they take that way here as well.
	pod, internalPod := &corev1.Pod{ObjectMeta: asked.Template.ObjectMeta, Spec: asked.Template.Spec}, &core.Pod{}
	pod.Name, pod.Namespace = podSecurityPod, namespace.Name
	if err := legacyscheme.Scheme.Convert(pod, internalPod, nil); err != nil {
		return err
	}
	refusal, _ := p.validate(internalPod, corev1.SchemeGroupVersion.WithKind("Pod"), corev1.SchemeGroupVersion.WithResource("pods"), pod.ObjectMeta)
	if refusal != nil {
		answer.Pod = refusal.Error()
	}

	set, internalSet := &appsv1.DaemonSet{Spec: appsv1.DaemonSetSpec{Template: asked.Template}}, &apps.DaemonSet{}
	set.Name, set.Namespace = podSecurityDaemonSet, namespace.Name
	if err := legacyscheme.Scheme.Convert(set, internalSet, nil); err != nil {
		return err
	}
	refusal, warnings := p.validate(internalSet, appsv1.SchemeGroupVersion.WithKind("DaemonSet"), appsv1.SchemeGroupVersion.WithResource("daemonsets"), set.ObjectMeta)
	if refusal != nil {
		return errors.New("the DaemonSet itself is refused: " + refusal.Error())
	}
	answer.Warnings = append(answer.Warnings, warnings...)
	return nil
}

func (p *podSecurityPlugin) validate(object kruntime.Object, kind schema.GroupVersionKind, resource schema.GroupVersionResource, meta metav1.ObjectMeta) (error, []string) {
	heard := &heardWarnings{}
	ctx := warning.WithWarningRecorder(context.Background(), heard)
	attributes := admission.NewAttributesRecord(object, nil, kind, meta.Namespace, meta.Name, resource, "",
		admission.Create, &metav1.CreateOptions{}, false, &user.DefaultInfo{Name: "system:serviceaccount:kube-system:daemon-set-controller"})
	return p.plugin.Validate(ctx, attributes, nil), heard.texts
}

type heardWarnings struct{ texts []string }

func (h *heardWarnings) AddWarning(_, text string) { h.texts = append(h.texts, text) }
