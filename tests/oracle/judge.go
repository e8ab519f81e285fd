package main

import (
	"fmt"

	appsv1 "k8s.io/api/apps/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/kubernetes/pkg/api/legacyscheme"
	_ "k8s.io/kubernetes/pkg/apis/apps/install"
	_ "k8s.io/kubernetes/pkg/apis/core/install"
)

// judgeQuestion is a request to the server: a create, or with a stored object
// beside it an update of that object.
type judgeQuestion struct {
	identity
	Doc string  `json:"doc"`
	Old *string `json:"old"`
}

// A verdict says what the server says. Valid is its yes or no; the rest is why.
type verdict struct {
	identity
	Valid    bool     `json:"valid"`
	Decode   string   `json:"decode,omitempty"`
	Strict   []string `json:"strict,omitempty"`
	Errors   []cause  `json:"errors,omitempty"`
	Warnings []string `json:"warnings,omitempty"`
	// A strict error ends the server's road. What it would have said without
	// strictness is kept apart, since it is useful but not part of its answer.
	LenientErrors   []cause  `json:"lenientErrors,omitempty"`
	LenientWarnings []string `json:"lenientWarnings,omitempty"`
	// Storage is what the storage layer refuses after validation accepted.
	// Dry runs never reach it, so it does not change Valid.
	Storage string `json:"storage,omitempty"`
}

// A cause is one field error, in the words in which a Status reports it.
type cause struct {
	Type     string `json:"type"`
	Field    string `json:"field"`
	Detail   string `json:"detail"`
	BadValue string `json:"badValue"`
	Origin   string `json:"origin,omitempty"`
}

// An outcome is the end of the road behind decoding.
type outcome struct {
	errors   field.ErrorList
	warnings []string
	storage  string
}

var (
	strict  = serializer.NewCodecFactory(legacyscheme.Scheme, serializer.EnableStrict).UniversalDeserializer()
	lenient = serializer.NewCodecFactory(legacyscheme.Scheme).UniversalDeserializer()
)

func judge(asked judgeQuestion) any {
	answer := verdict{identity: asked.identity}
	object, strictness, err := decode(strict, asked.Doc)
	if err != nil {
		answer.Decode = err.Error()
		return answer
	}

	var end outcome
	if asked.Old == nil {
		end = create(object)
	} else {
		old, _, err := decode(lenient, *asked.Old)
		if err != nil {
			return apology{identity: asked.identity, Malformed: "old: " + err.Error()}
		}
		end = update(object, old)
	}

	if len(strictness) > 0 {
		for _, err := range strictness {
			answer.Strict = append(answer.Strict, err.Error())
		}
		answer.LenientErrors = causes(end.errors)
		answer.LenientWarnings = end.warnings
		return answer
	}
	answer.Valid = len(end.errors) == 0
	answer.Errors = causes(end.errors)
	answer.Warnings = end.warnings
	answer.Storage = end.storage
	return answer
}

// decode gives the object if the text can be read at all, together with what
// a strict reader objects to.
func decode(decoder runtime.Decoder, text string) (*appsv1.DaemonSet, []error, error) {
	object, kind, err := decoder.Decode([]byte(text), nil, nil)
	var strictness []error
	if err != nil {
		strictError, ok := runtime.AsStrictDecodingError(err)
		if !ok || object == nil {
			return nil, nil, err
		}
		strictness = strictError.Errors()
	}
	if daemonSet, ok := object.(*appsv1.DaemonSet); ok {
		return daemonSet, strictness, nil
	}
	if kind.Kind == "DaemonSet" {
		// The scheme still knows old versions that no server has served for
		// years. The request would not find its way to a handler.
		return nil, nil, fmt.Errorf("no matches for kind %q in version %q", kind.Kind, kind.GroupVersion())
	}
	return nil, nil, fmt.Errorf("%s is not a DaemonSet", kind)
}

func causes(errors field.ErrorList) []cause {
	var list []cause
	for _, err := range errors {
		list = append(list, cause{
			Type:     string(err.Type),
			Field:    err.Field,
			Detail:   err.Detail,
			BadValue: err.ErrorBody(),
			Origin:   err.Origin,
		})
	}
	return list
}
