package main

import (
	"context"
	"io"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apiserver/pkg/admission"
	"k8s.io/apiserver/pkg/admission/plugin/resourcequota"
	"k8s.io/client-go/informers"
	corev1listers "k8s.io/client-go/listers/core/v1"
)

// A quotaLink stands for the plugin ResourceQuota, which writes the new usage
// to the store in goroutines of its own. What it decides is in CheckRequest.
type quotaLink struct {
	*admission.Handler
	lister corev1listers.ResourceQuotaLister
}

func registerQuota(plugins *admission.Plugins) {
	plugins.Register(resourcequota.PluginName, func(io.Reader) (admission.Interface, error) {
		return &quotaLink{Handler: admission.NewHandler(admission.Create)}, nil
	})
}

func (l *quotaLink) SetExternalKubeInformerFactory(factory informers.SharedInformerFactory) {
	l.lister = factory.Core().V1().ResourceQuotas().Lister()
}

// ValidateInitialization is part of what wants an informer factory.
func (l *quotaLink) ValidateInitialization() error { return nil }

func (l *quotaLink) Validate(_ context.Context, attributes admission.Attributes, _ admission.ObjectInterfaces) error {
	found, err := l.lister.ResourceQuotas(attributes.GetNamespace()).List(labels.Everything())
	if err != nil || len(found) == 0 {
		return err
	}
	quotas := make([]corev1.ResourceQuota, 0, len(found))
	for _, quota := range found {
		quotas = append(quotas, *quota)
	}
	_, err = resourcequota.CheckRequest(quotas, attributes, podEvaluator(), nil)
	return err
}
