package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"path"
	"reflect"
	"slices"
	"strings"
	"time"
	"unsafe"

	corev1 "k8s.io/api/core/v1"
	nodev1 "k8s.io/api/node/v1"
	schedulingv1 "k8s.io/api/scheduling/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apiserver/pkg/admission"
	"k8s.io/apiserver/pkg/admission/initializer"
	"k8s.io/apiserver/pkg/admission/plugin/namespace/lifecycle"
	"k8s.io/apiserver/pkg/admission/plugin/resourcequota"
	"k8s.io/apiserver/pkg/util/compatibility"
	utilfeature "k8s.io/apiserver/pkg/util/feature"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"
	"k8s.io/kubernetes/pkg/api/legacyscheme"
	_ "k8s.io/kubernetes/pkg/apis/node/install"
	schedulingapiv1 "k8s.io/kubernetes/pkg/apis/scheduling/v1"
	"k8s.io/kubernetes/plugin/pkg/admission/defaulttolerationseconds"
	"k8s.io/kubernetes/plugin/pkg/admission/limitranger"
	"k8s.io/kubernetes/plugin/pkg/admission/priority"
	"k8s.io/kubernetes/plugin/pkg/admission/runtimeclass"
	"k8s.io/kubernetes/plugin/pkg/admission/security/podsecurity"
	"k8s.io/kubernetes/plugin/pkg/admission/serviceaccount"
)

// registrations are the plugins in the server's order, each by the function
// with which it registers itself. Another plugin that reads objects needs a
// row in kindsOfSurroundings, too, and what only it wants in initializeMore.
var registrations = []struct {
	name     string
	register func(*admission.Plugins)
}{
	{lifecycle.PluginName, lifecycle.Register},
	{limitranger.PluginName, limitranger.Register},
	{serviceaccount.PluginName, serviceaccount.Register},
	{podsecurity.PluginName, podsecurity.Register},
	{priority.PluginName, priority.Register},
	{defaulttolerationseconds.PluginName, defaulttolerationseconds.Register},
	{runtimeclass.PluginName, runtimeclass.Register},
	{resourcequota.PluginName, registerQuota},
}

// makeConstant makes the random end of the token volume's name constant: the
// same question must get the same answer.
func makeConstant(plugin *serviceaccount.Plugin) {
	field := reflect.ValueOf(plugin).Elem().FieldByName("generateName")
	field = reflect.NewAt(field.Type(), unsafe.Pointer(field.UnsafeAddr())).Elem()
	field.Set(reflect.ValueOf(func(base string) string { return base + revisionHash }))
}

// kindsOfSurroundings are the kinds that the plugins read.
var kindsOfSurroundings = map[string]func() runtime.Object{
	"v1 Namespace":                       func() runtime.Object { return &corev1.Namespace{} },
	"v1 LimitRange":                      func() runtime.Object { return &corev1.LimitRange{} },
	"v1 ResourceQuota":                   func() runtime.Object { return &corev1.ResourceQuota{} },
	"v1 ServiceAccount":                  func() runtime.Object { return &corev1.ServiceAccount{} },
	"scheduling.k8s.io/v1 PriorityClass": func() runtime.Object { return &schedulingv1.PriorityClass{} },
	"node.k8s.io/v1 RuntimeClass":        func() runtime.Object { return &nodev1.RuntimeClass{} },
}

// A link is a plugin of the chain.
type link struct {
	name   string
	plugin admission.Interface
}

// A gate is the server's chain of plugins, whose surroundings can be exchanged.
type gate struct {
	chain   []link
	shelves map[string]*shelf
}

func newGate() (*gate, error) {
	client, err := kubernetes.NewForConfig(&rest.Config{Host: "http://nobody", Transport: emptyServer{}, QPS: -1})
	if err != nil {
		return nil, err
	}
	factory := informers.NewSharedInformerFactory(client, 0)
	made := &gate{shelves: map[string]*shelf{}}
	for name, empty := range kindsOfSurroundings {
		shelf := &shelf{}
		made.shelves[name] = shelf
		factory.InformerFor(empty(), func(kubernetes.Interface, time.Duration) cache.SharedIndexInformer {
			return &shelfInformer{shelf: shelf}
		})
	}
	plugins := admission.NewPlugins()
	for _, registration := range registrations {
		registration.register(plugins)
		plugin, err := plugins.InitPlugin(registration.name, nil, wanted{client, factory})
		if err != nil {
			return nil, err
		}
		made.chain = append(made.chain, link{registration.name, plugin})
	}
	return made, nil
}

// wanted gives a plugin what the server gives it.
type wanted struct {
	client  kubernetes.Interface
	factory informers.SharedInformerFactory
}

func (w wanted) Initialize(plugin admission.Interface) {
	w.initializeMore(plugin)
	if wants, ok := plugin.(initializer.WantsExternalKubeClientSet); ok {
		wants.SetExternalKubeClientSet(w.client)
	}
	if wants, ok := plugin.(initializer.WantsExternalKubeInformerFactory); ok {
		wants.SetExternalKubeInformerFactory(w.factory)
	}
	if wants, ok := plugin.(initializer.WantsFeatures); ok {
		wants.InspectFeatureGates(utilfeature.DefaultFeatureGate)
	}
}

// initializeMore gives a plugin what only it wants, and wants first.
func (w wanted) initializeMore(plugin admission.Interface) {
	switch plugin := plugin.(type) {
	case *serviceaccount.Plugin:
		makeConstant(plugin)
	case *podsecurity.Plugin:
		plugin.InspectEffectiveVersion(compatibility.DefaultBuildEffectiveVersion())
	}
}

// set exchanges the surroundings. Objects are as the server stores them.
func (g *gate) set(objects []json.RawMessage) error {
	for _, shelf := range g.shelves {
		shelf.objects = shelf.objects[:0]
	}
	for number, text := range objects {
		var kind metav1.TypeMeta
		if err := json.Unmarshal(text, &kind); err != nil {
			return fmt.Errorf("object %d: %w", number, err)
		}
		name := kind.APIVersion + " " + kind.Kind
		empty, known := kindsOfSurroundings[name]
		if !known {
			return fmt.Errorf("object %d: no kind %q", number, name)
		}
		object, err := asStored(text, empty)
		if err != nil {
			return fmt.Errorf("object %d: %w", number, err)
		}
		g.shelves[name].put(object)
	}
	for _, class := range schedulingapiv1.SystemPriorityClasses() {
		// The server makes these through its own API, which gives them defaults.
		class = class.DeepCopy()
		legacyscheme.Scheme.Default(class)
		g.shelves["scheduling.k8s.io/v1 PriorityClass"].put(class)
	}
	return nil
}

// asStored reads an object, gives it its defaults, writes it down and reads it
// again, so that its quantities are in their canonical form.
func asStored(text []byte, empty func() runtime.Object) (runtime.Object, error) {
	written := empty()
	if err := json.Unmarshal(text, written); err != nil {
		return nil, err
	}
	legacyscheme.Scheme.Default(written)
	text, err := json.Marshal(written)
	if err != nil {
		return nil, err
	}
	stored := empty()
	return stored, json.Unmarshal(text, stored)
}

// A shelf holds the objects of one kind, sorted by namespace and name: where
// upstream takes them as they come, it takes them in this order.
type shelf struct {
	cache.Indexer
	objects []placed
}

type placed struct {
	namespace, key string
	object         runtime.Object
}

func (s *shelf) put(object runtime.Object) {
	accessor, err := meta.Accessor(object)
	if err != nil {
		panic(err)
	}
	key := cache.MetaObjectToName(accessor).String()
	at, found := slices.BinarySearchFunc(s.objects, key, func(other placed, key string) int {
		return strings.Compare(other.key, key)
	})
	here := placed{accessor.GetNamespace(), key, object}
	if found {
		s.objects[at] = here
		return
	}
	s.objects = slices.Insert(s.objects, at, here)
}

func (s *shelf) List() []any {
	all := make([]any, 0, len(s.objects))
	for _, placed := range s.objects {
		all = append(all, placed.object)
	}
	return all
}

func (s *shelf) ByIndex(_, namespace string) ([]any, error) {
	var all []any
	for _, placed := range s.objects {
		if placed.namespace == namespace {
			all = append(all, placed.object)
		}
	}
	return all, nil
}

func (s *shelf) Index(index string, object any) ([]any, error) {
	accessor, err := meta.Accessor(object)
	if err != nil {
		return nil, err
	}
	return s.ByIndex(index, accessor.GetNamespace())
}

func (s *shelf) GetByKey(key string) (any, bool, error) {
	for _, placed := range s.objects {
		if placed.key == key {
			return placed.object, true, nil
		}
	}
	return nil, false, nil
}

// A shelfInformer takes the place of the informer that the factory would make.
type shelfInformer struct {
	cache.SharedIndexInformer
	shelf *shelf
}

func (i *shelfInformer) GetIndexer() cache.Indexer { return i.shelf }
func (i *shelfInformer) GetStore() cache.Store     { return i.shelf }
func (i *shelfInformer) HasSynced() bool           { return true }

func (i *shelfInformer) AddIndexers(cache.Indexers) error { return nil }

func (i *shelfInformer) SetTransform(cache.TransformFunc) error { return nil }

func (i *shelfInformer) AddEventHandler(cache.ResourceEventHandler) (cache.ResourceEventHandlerRegistration, error) {
	return i, nil
}

// emptyServer answers the questions of plugins that do not find an object in
// their caches: it has none either.
type emptyServer struct{}

func (emptyServer) RoundTrip(asked *http.Request) (*http.Response, error) {
	folder, name := path.Split(strings.TrimSuffix(asked.URL.Path, "/"))
	var answer any
	code := http.StatusOK
	switch {
	case name == "limitranges" || name == "resourcequotas":
		answer = &corev1.List{TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "List"}}
	default:
		resource := schema.GroupResource{Resource: path.Base(folder)}
		if parts := strings.Split(asked.URL.Path, "/"); len(parts) > 2 && parts[1] == "apis" {
			resource.Group = parts[2]
		}
		status := apierrors.NewNotFound(resource, name).Status()
		status.TypeMeta = metav1.TypeMeta{APIVersion: "v1", Kind: "Status"}
		answer, code = &status, http.StatusNotFound
	}
	text, err := json.Marshal(answer)
	if err != nil {
		return nil, err
	}
	return &http.Response{
		StatusCode: code,
		Status:     http.StatusText(code),
		Proto:      "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header:  http.Header{"Content-Type": {"application/json"}},
		Body:    io.NopCloser(bytes.NewReader(text)),
		Request: asked,
	}, nil
}
