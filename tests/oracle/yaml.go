package main

import (
	"bytes"
	"errors"
	"io"
	"strings"

	"k8s.io/apimachinery/pkg/runtime"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/yaml"
)

type yamlQuestion struct {
	identity
	Text string `json:"text"`
}

type yamlAnswer struct {
	identity
	JSON        *string `json:"json,omitempty"`
	Error       string  `json:"error,omitempty"`
	StrictError string  `json:"strictError,omitempty"`
}

// convertYAML reads one document. The JSON stays text inside text, because
// parsing it again would hide how numbers and escapes were written.
func convertYAML(asked yamlQuestion) any {
	answer := yamlAnswer{identity: asked.identity}
	if converted, err := yaml.YAMLToJSON([]byte(asked.Text)); err != nil {
		answer.Error = err.Error()
	} else {
		text := string(converted)
		answer.JSON = &text
	}
	if _, err := yaml.YAMLToJSONStrict([]byte(asked.Text)); err != nil {
		answer.StrictError = err.Error()
	}
	return answer
}

type streamAnswer struct {
	identity
	Documents []streamDocument `json:"documents"`
}

type streamDocument struct {
	JSON  *string `json:"json,omitempty"`
	Error string  `json:"error,omitempty"`
}

// bufferSize is how far kubectl looks for the brace that makes a stream JSON.
const bufferSize = 4096

// splitYAML reads a stream as kubectl does. kubectl passes over documents that
// are null and stops at the first error; here both are kept, and a stream goes
// on after an error where its decoder can, so that documents can be counted.
func splitYAML(asked yamlQuestion) any {
	answer := streamAnswer{identity: asked.identity, Documents: []streamDocument{}}
	decoder := utilyaml.NewYAMLOrJSONDecoder(strings.NewReader(asked.Text), bufferSize)
	for {
		extension := runtime.RawExtension{}
		err := decoder.Decode(&extension)
		if errors.Is(err, io.EOF) {
			return answer
		}
		if err != nil {
			answer.Documents = append(answer.Documents, streamDocument{Error: err.Error()})
			var syntax utilyaml.YAMLSyntaxError
			if !errors.As(err, &syntax) {
				return answer
			}
			continue
		}
		raw := bytes.TrimSpace(extension.Raw)
		if len(raw) == 0 {
			raw = []byte("null")
		}
		text := string(raw)
		answer.Documents = append(answer.Documents, streamDocument{JSON: &text})
	}
}
