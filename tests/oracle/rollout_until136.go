//go:build until136

package main

import "encoding/json"

type rolloutQuestion struct {
	identity
	Nodes json.RawMessage `json:"nodes"`
}

// rollOut names unexported methods of the controller by their symbols, which
// only the newest minor is known to have in this shape.
func rollOut(asked rolloutQuestion) any {
	return apology{identity: asked.identity, Malformed: "rollouts are asked of the newest minor only"}
}
