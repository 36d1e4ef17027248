package main

import (
	"encoding/json"
	"os"
	"path/filepath"
)

// replaced are packages of Go that the page has no use for: a browser has its own TLS
// and cookies, and the page neither signs nor verifies anything. github.com/miekg/dns
// and golang.org/x/net/publicsuffix import them, and they are a tenth of the engine.
// The packages in stubs/ take their place there, and nowhere else: in them, whatever
// is called fails.
var replaced = []string{
	"crypto/ecdsa",
	"crypto/ed25519",
	"crypto/elliptic",
	"crypto/rsa",
	"crypto/tls",
	"crypto/x509",
	"net/http/cookiejar",
}

// leaveOut writes the overlay (go help build, -overlay) that replaces them in the Go
// at root.
func leaveOut(root, overlay string) error {
	replace := map[string]string{}
	for _, p := range replaced {
		dir := filepath.Join(root, "src", filepath.FromSlash(p))
		files, err := filepath.Glob(filepath.Join(dir, "*.go"))
		if err != nil {
			return err
		}
		for _, f := range files {
			replace[f] = "" // as if it were not there
		}
		name := filepath.Base(dir)
		if replace[filepath.Join(dir, name+".go")], err = filepath.Abs(filepath.Join("web", "build", "stubs", name, name+".go")); err != nil {
			return err
		}
	}
	text, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return err
	}
	return os.WriteFile(overlay, text, 0o600)
}
