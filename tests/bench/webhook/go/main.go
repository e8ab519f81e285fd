// The yardstick in Go: an admission webhook as most are built, on controller-runtime, that answers with upstream's own
// ValidateDaemonSet. It is measured beside ours by tests/bench/webhook.sh and is no part of the product.
package main

import (
	"context"
	"crypto/tls"
	"flag"
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"syscall"

	"github.com/go-logr/logr"
	admissionv1 "k8s.io/api/admission/v1"
	appsv1 "k8s.io/api/apps/v1"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/kubernetes/pkg/api/legacyscheme"
	"k8s.io/kubernetes/pkg/api/pod"
	"k8s.io/kubernetes/pkg/apis/apps"
	_ "k8s.io/kubernetes/pkg/apis/apps/install"
	"k8s.io/kubernetes/pkg/apis/apps/validation"
	_ "k8s.io/kubernetes/pkg/apis/core/install"
	"k8s.io/kubernetes/pkg/capabilities"
	"sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/webhook"
	"sigs.k8s.io/controller-runtime/pkg/webhook/admission"
)

func main() {
	host := flag.String("host", "127.0.0.1", "address to listen on")
	port := flag.Int("port", 9443, "port to listen on")
	certificates := flag.String("tls-dir", ".", "folder of tls.crt and tls.key")
	flag.Parse()

	// One line a review would be measured with it.
	log.SetLogger(logr.Discard())
	// Every real cluster allows privileged containers: its own kube-proxy is one.
	capabilities.Setup(true, 0)

	server := webhook.NewServer(webhook.Options{
		Host:    *host,
		Port:    *port,
		CertDir: *certificates,
		TLSOpts: []func(*tls.Config){func(config *tls.Config) { config.MinVersion = tls.VersionTLS13 }},
	})
	server.Register("/validate", &admission.Webhook{
		Handler: &judge{decoder: admission.NewDecoder(legacyscheme.Scheme)},
	})

	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	if err := server.Start(ctx); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// judge decodes, defaults, converts and validates, as the API server does.
type judge struct {
	decoder admission.Decoder
}

// Handle is admission.Handler.
func (j *judge) Handle(_ context.Context, request admission.Request) admission.Response {
	if request.Operation != admissionv1.Create && request.Operation != admissionv1.Update {
		return admission.Allowed("")
	}
	versioned := &appsv1.DaemonSet{}
	if err := j.decoder.Decode(request, versioned); err != nil {
		return admission.Errored(http.StatusBadRequest, err)
	}
	if versioned.DeletionTimestamp != nil {
		return admission.Allowed("")
	}
	object, err := internal(versioned)
	if err != nil {
		return admission.Errored(http.StatusBadRequest, err)
	}

	var errors field.ErrorList
	if request.Operation == admissionv1.Create {
		options := pod.GetValidationOptionsFromPodTemplate(&object.Spec.Template, nil)
		errors = validation.ValidateDaemonSet(object, options)
	} else {
		versionedOld := &appsv1.DaemonSet{}
		if err := j.decoder.DecodeRaw(request.OldObject, versionedOld); err != nil {
			return admission.Errored(http.StatusBadRequest, err)
		}
		old, err := internal(versionedOld)
		if err != nil {
			return admission.Errored(http.StatusBadRequest, err)
		}
		options := pod.GetValidationOptionsFromPodTemplate(&object.Spec.Template, &old.Spec.Template)
		errors = validation.ValidateDaemonSetUpdate(object, old, options)
	}
	if len(errors) > 0 {
		return admission.Denied(errors.ToAggregate().Error())
	}
	return admission.Allowed("")
}

// internal defaults the object and converts it to the form that validation reads.
func internal(versioned *appsv1.DaemonSet) (*apps.DaemonSet, error) {
	legacyscheme.Scheme.Default(versioned)
	object := &apps.DaemonSet{}
	return object, legacyscheme.Scheme.Convert(versioned, object, nil)
}
