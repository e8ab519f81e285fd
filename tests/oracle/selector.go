package main

import (
	"encoding/json"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/component-helpers/scheduling/corev1/nodeaffinity"
)

type selectorQuestion struct {
	identity
	Kind     string            `json:"kind"`
	Selector json.RawMessage   `json:"selector"`
	Labels   map[string]string `json:"labels"`
	Fields   map[string]string `json:"fields"`
}

type matchAnswer struct {
	identity
	Matches bool   `json:"matches"`
	Error   string `json:"error,omitempty"`
}

func matchSelector(asked selectorQuestion) any {
	answer := matchAnswer{identity: asked.identity}
	matches, err := matchAs(asked)
	answer.Matches = matches
	if err != nil {
		answer.Error = err.Error()
	}
	return answer
}

func matchAs(asked selectorQuestion) (bool, error) {
	if len(asked.Selector) == 0 {
		// An absent selector is a null one, as it is inside an object.
		asked.Selector = json.RawMessage("null")
	}
	switch asked.Kind {
	case "label":
		var selector *metav1.LabelSelector
		if err := json.Unmarshal(asked.Selector, &selector); err != nil {
			return false, err
		}
		compiled, err := metav1.LabelSelectorAsSelector(selector)
		if err != nil {
			return false, err
		}
		return compiled.Matches(labels.Set(asked.Labels)), nil
	case "node":
		var selector corev1.NodeSelector
		if err := json.Unmarshal(asked.Selector, &selector); err != nil {
			return false, err
		}
		compiled, err := nodeaffinity.NewNodeSelector(&selector)
		if err != nil {
			return false, err
		}
		// A node has one field that selectors can name.
		node := &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: asked.Fields["metadata.name"], Labels: asked.Labels}}
		return compiled.Match(node), nil
	}
	return false, fmt.Errorf("unknown kind of selector %q", asked.Kind)
}
