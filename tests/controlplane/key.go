// The key that service-account tokens are signed with.
package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"os"
)

// writeKey makes a new key in the file that the argument names.
func writeKey() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: controlplane service-account-key FILE")
		os.Exit(2)
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		fail(err)
	}
	bytes, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		fail(err)
	}
	text := pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: bytes})
	if err := os.WriteFile(os.Args[1], text, 0o600); err != nil {
		fail(err)
	}
}
