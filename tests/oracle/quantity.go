package main

import "k8s.io/apimachinery/pkg/api/resource"

type quantityAnswer struct {
	identity
	OK        bool   `json:"ok"`
	Error     string `json:"error,omitempty"`
	Canonical string `json:"canonical"`
	Milli     int64  `json:"milliValue"`
	Value     int64  `json:"value"`
	Sign      int    `json:"sign"`
}

func parseQuantity(asked yamlQuestion) any {
	quantity, err := resource.ParseQuantity(asked.Text)
	if err != nil {
		return quantityAnswer{identity: asked.identity, Error: err.Error()}
	}
	return quantityAnswer{
		identity:  asked.identity,
		OK:        true,
		Canonical: quantity.String(),
		Milli:     quantity.MilliValue(),
		Value:     quantity.Value(),
		Sign:      quantity.Sign(),
	}
}
