//go:build !until136

// Go lets a function be declared without a body only where a package has
// assembly. There is none to write: the bodies are the controller's own.
