package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"sync"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apiserver/pkg/admission"
	"k8s.io/apiserver/pkg/util/compatibility"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes/fake"
	"k8s.io/client-go/tools/cache"
	"k8s.io/kubernetes/plugin/pkg/admission/security/podsecurity"
	"k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"
)

// podSecurityPlugin is the server's plugin and the namespaces that it sees.
type podSecurityPlugin struct {
	plugin     admission.ValidationInterface
	namespaces cache.Indexer
}

// newPodSecurityPlugin makes the plugin as the server makes it: from its
// configuration, an informer of namespaces and the version of the server.
func newPodSecurityPlugin(config json.RawMessage) (*podSecurityPlugin, error) {
	var plugins admission.Plugins
	podsecurity.Register(&plugins)
	client := fake.NewClientset()
	factory := informers.NewSharedInformerFactory(client, 0)
	initialize := podSecurityInitializer(func(plugin *podsecurity.Plugin) {
		plugin.InspectEffectiveVersion(compatibility.DefaultBuildEffectiveVersion())
		plugin.SetExternalKubeClientSet(client)
		plugin.SetExternalKubeInformerFactory(factory)
	})
	made, err := plugins.InitPlugin(podsecurity.PluginName, bytes.NewReader(config), initialize)
	if err != nil {
		return nil, err
	}
	plugin, ok := made.(admission.ValidationInterface)
	if !ok {
		return nil, fmt.Errorf("the plugin is a %T", made)
	}
	// The informer is never started: its store is filled by hand.
	return &podSecurityPlugin{plugin, factory.Core().V1().Namespaces().Informer().GetIndexer()}, nil
}

type podSecurityInitializer func(*podsecurity.Plugin)

func (i podSecurityInitializer) Initialize(plugin admission.Interface) {
	if found, ok := plugin.(*podsecurity.Plugin); ok {
		i(found)
	}
}

// A versionSentence is a version and the sentence from there on.
type versionSentence [2]string

// podSecurityNewest is a minor of the policy that no server here knows.
const podSecurityNewest = 39

var podSecurityEvaluator = sync.OnceValue(func() policy.Evaluator {
	made, err := policy.NewEvaluator(policy.DefaultChecks(), nil)
	if err != nil {
		panic(err)
	}
	return made
})

var podSecurityDefaultChecks = sync.OnceValue(func() []policy.Check {
	checks := policy.DefaultChecks()
	slices.SortFunc(checks, func(a, b policy.Check) int { return bytes.Compare([]byte(a.ID), []byte(b.ID)) })
	return checks
})

func podSecurityChecks() []string {
	var names []string
	for _, check := range podSecurityDefaultChecks() {
		for _, version := range check.Versions {
			names = append(names, fmt.Sprintf("%s@%s", check.ID, version.MinimumVersion.String()))
		}
	}
	return names
}

// violatedPodSecurity runs each version of each check alone.
func violatedPodSecurity(template *corev1.PodTemplateSpec) (violated uint64) {
	bit := uint64(1)
	for _, check := range podSecurityDefaultChecks() {
		for _, version := range check.Versions {
			if !version.CheckPod(&template.ObjectMeta, &template.Spec).Allowed {
				violated |= bit
			}
			bit <<= 1
		}
	}
	return violated
}

// sweepPodSecurity evaluates the template at each version of both levels.
func sweepPodSecurity(template *corev1.PodTemplateSpec) (sweep [][]versionSentence) {
	versions := make([]api.Version, 0, podSecurityNewest+2)
	for minor := range podSecurityNewest + 1 {
		versions = append(versions, api.MajorMinorVersion(1, minor))
	}
	versions = append(versions, api.LatestVersion())
	for _, level := range []api.Level{api.LevelBaseline, api.LevelRestricted} {
		changes := []versionSentence{}
		last := ""
		for _, version := range versions {
			at := api.LevelVersion{Level: level, Version: version}
			result := policy.AggregateCheckResults(podSecurityEvaluator().EvaluatePod(at, &template.ObjectMeta, &template.Spec))
			if sentence := result.ForbiddenDetail(); sentence != last {
				changes = append(changes, versionSentence{version.String(), sentence})
				last = sentence
			}
		}
		sweep = append(sweep, changes)
	}
	return sweep
}
