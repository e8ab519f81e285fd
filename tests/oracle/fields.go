package main

import (
	"bufio"
	"fmt"
	"os"
	"reflect"
	"sort"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// opaque names the types that decode themselves: what is inside them is not
// reached by field name, so the walk must stop there.
var opaque = map[reflect.Type]string{
	reflect.TypeFor[resource.Quantity]():    "quantity",
	reflect.TypeFor[intstr.IntOrString]():   "intorstring",
	reflect.TypeFor[metav1.Time]():          "time",
	reflect.TypeFor[metav1.MicroTime]():     "microtime",
	reflect.TypeFor[metav1.FieldsV1]():      "raw",
	reflect.TypeFor[runtime.RawExtension](): "raw",
}

// A fieldWalk collects one line per field of every struct that it meets.
type fieldWalk struct {
	lines map[string][]string
	types map[string]reflect.Type
}

func printFields(bool) error {
	walk := fieldWalk{lines: map[string][]string{}, types: map[string]reflect.Type{}}
	if err := walk.structure(reflect.TypeFor[appsv1.DaemonSet]()); err != nil {
		return err
	}
	names := make([]string, 0, len(walk.lines))
	for name := range walk.lines {
		names = append(names, name)
	}
	sort.Strings(names)

	out := bufio.NewWriter(os.Stdout)
	for _, name := range names {
		for _, line := range walk.lines[name] {
			fmt.Fprintln(out, line)
		}
	}
	return out.Flush()
}

func (w *fieldWalk) structure(t reflect.Type) error {
	name := t.String()
	if seen, ok := w.types[name]; ok {
		if seen != t {
			// Go prints only the last part of a package path, so two packages
			// may share a printed name; the table would then be ambiguous.
			return fmt.Errorf("%s and %s are both printed as %s", fullName(seen), fullName(t), name)
		}
		return nil
	}
	w.types[name] = t
	w.lines[name] = nil
	return w.fields(t, name, nil, map[string]bool{})
}

// fields adds the fields of t to the struct called owner. The two differ for
// an inlined struct, whose fields JSON cannot tell from those of its owner;
// via holds the names of the inlined structs on the way, since a decoding
// error prints them.
func (w *fieldWalk) fields(t reflect.Type, owner string, via []string, taken map[string]bool) error {
	for i := range t.NumField() {
		field := t.Field(i)
		tag, tagged := field.Tag.Lookup("json")
		name, options, _ := strings.Cut(tag, ",")
		if tag == "-" || !field.IsExported() {
			continue
		}
		inline := field.Anonymous && name == ""
		if !inline && strings.Contains(","+options+",", ",inline,") {
			return fmt.Errorf("%s.%s is tagged inline but JSON would not inline it", owner, field.Name)
		}
		if inline {
			if err := w.fields(indirect(field.Type), owner, append(via[:len(via):len(via)], field.Name), taken); err != nil {
				return err
			}
			continue
		}
		if !tagged || name == "" || strings.Contains(","+options+",", ",string,") {
			return fmt.Errorf("%s.%s has the tag %q, which this walk does not understand", owner, field.Name, tag)
		}
		if taken[name] {
			return fmt.Errorf("%s has two fields named %q", owner, name)
		}
		taken[name] = true

		kind, printed, err := w.kind(field.Type)
		if err != nil {
			return fmt.Errorf("%s.%s: %w", owner, name, err)
		}
		columns := append([]string{owner, name, kind, strings.Join(via, ".")}, printed...)
		w.lines[owner] = append(w.lines[owner], strings.Join(columns, "\t"))
	}
	return nil
}

// kind gives the shape of t and the names under which decoding errors print
// it: its own name first, then that of its elements, as deep as they nest.
func (w *fieldWalk) kind(t reflect.Type) (string, []string, error) {
	t = indirect(t)
	printed := []string{t.String()}
	if kind, ok := opaque[t]; ok {
		return kind, printed, nil
	}
	if reflect.PointerTo(t).Implements(unmarshaler) {
		return "", nil, fmt.Errorf("%s decodes itself and is not known here", t)
	}
	switch t.Kind() {
	case reflect.String:
		return "string", printed, nil
	case reflect.Bool, reflect.Int32, reflect.Int64, reflect.Float64:
		return t.Kind().String(), printed, nil
	case reflect.Struct:
		return "struct:" + t.String(), printed, w.structure(t)
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Uint8 {
			return "bytes", printed, nil
		}
		kind, inner, err := w.kind(t.Elem())
		return "list:" + kind, append(printed, inner...), err
	case reflect.Map:
		if t.Key().Kind() != reflect.String {
			return "", nil, fmt.Errorf("%s has keys that are not strings", t)
		}
		kind, inner, err := w.kind(t.Elem())
		return "map:" + kind, append(printed, inner...), err
	}
	return "", nil, fmt.Errorf("%s is of a kind that this walk does not know", t)
}

var unmarshaler = reflect.TypeFor[interface{ UnmarshalJSON([]byte) error }]()

// indirect looks through pointers, as the decoder does before it complains.
func indirect(t reflect.Type) reflect.Type {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t
}

func fullName(t reflect.Type) string {
	return t.PkgPath() + "." + t.Name()
}
