package main

import (
	"sync"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apiserver/pkg/admission"
	"k8s.io/apiserver/pkg/admission/plugin/resourcequota"
	quota "k8s.io/apiserver/pkg/quota/v1"
	"k8s.io/kubernetes/pkg/api/legacyscheme"
	"k8s.io/kubernetes/pkg/apis/core"
	"k8s.io/kubernetes/pkg/apis/core/helper/qos"
	evaluators "k8s.io/kubernetes/pkg/quota/v1/evaluator/core"
)

// quotaQuestion is a pod as validation left it, and the quotas of its
// namespace. Most is how many such pods are created, one after another.
type quotaQuestion struct {
	identity
	Pod    *corev1.Pod            `json:"pod"`
	Quotas []corev1.ResourceQuota `json:"quotas"`
	Most   int                    `json:"most"`
}

// quotaAnswer says how many pods are taken, and what refuses the next one.
type quotaAnswer struct {
	identity
	Taken   int    `json:"taken"`
	Refusal string `json:"refusal,omitempty"`
}

// podEvaluator needs neither a lister nor a clock: the pods are new.
var podEvaluator = sync.OnceValue(func() quota.Evaluator {
	return evaluators.NewPodEvaluator(nil, nil)
})

// chargeQuotas creates pods until one is refused.
func chargeQuotas(asked quotaQuestion) any {
	if asked.Pod == nil {
		return apology{identity: asked.identity, Malformed: "pod is needed"}
	}
	// The registry computes the class before the quotas are asked.
	object := &core.Pod{}
	if err := legacyscheme.Scheme.Convert(asked.Pod, object, nil); err != nil {
		return apology{identity: asked.identity, Malformed: err.Error()}
	}
	object.Status.QOSClass = qos.GetPodQOS(object)
	pod := &corev1.Pod{}
	if err := legacyscheme.Scheme.Convert(object, pod, nil); err != nil {
		return apology{identity: asked.identity, Malformed: err.Error()}
	}

	kind := corev1.SchemeGroupVersion.WithKind("Pod")
	resource := corev1.SchemeGroupVersion.WithResource("pods")
	answer := quotaAnswer{identity: asked.identity}
	quotas := asked.Quotas
	for answer.Taken < asked.Most {
		// Each request has an object of its own: counting its usage may change it.
		one := pod.DeepCopy()
		request := admission.NewAttributesRecord(one, nil, kind, one.Namespace, one.Name, resource, "", admission.Create, nil, false, nil)
		charged, err := resourcequota.CheckRequest(quotas, request, podEvaluator(), nil)
		if err != nil {
			answer.Refusal = err.Error()
			break
		}
		quotas = charged
		answer.Taken++
	}
	return answer
}
