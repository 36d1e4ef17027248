package main

import (
	"bytes"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"time"

	"golang.org/x/crypto/x509roots/fallback/bundle"
)

// registry is where the image goes.
const registry = "ghcr.io/sescheck/sescheck"

// The media types of the OCI image specification, 1.1.
const (
	indexType    = "application/vnd.oci.image.index.v1+json"
	manifestType = "application/vnd.oci.image.manifest.v1+json"
	configType   = "application/vnd.oci.image.config.v1+json"
	layerType    = "application/vnd.oci.image.layer.v1.tar+gzip"
)

// descriptor points to a blob.
type descriptor struct {
	MediaType   string            `json:"mediaType"`
	Digest      string            `json:"digest"`
	Size        int               `json:"size"`
	Platform    map[string]string `json:"platform,omitempty"`
	Annotations map[string]string `json:"annotations,omitempty"`
}

type manifest struct {
	SchemaVersion int               `json:"schemaVersion"`
	MediaType     string            `json:"mediaType"`
	Config        *descriptor       `json:"config,omitempty"`
	Layers        []descriptor      `json:"layers,omitempty"`
	Manifests     []descriptor      `json:"manifests,omitempty"`
	Annotations   map[string]string `json:"annotations,omitempty"`
}

// layout is an OCI image layout: blobs by their digest, as files of an archive.
type layout struct {
	files []entry
}

func digest(content []byte) string { return "sha256:" + hash(content) }

func (l *layout) add(mediaType string, content []byte) descriptor {
	d := descriptor{MediaType: mediaType, Digest: digest(content), Size: len(content)}
	name := "blobs/sha256/" + d.Digest[len("sha256:"):]
	for _, f := range l.files {
		if f.name == name {
			return d
		}
	}
	l.files = append(l.files, entry{name, 0o644, content})
	return d
}

func (l *layout) addJSON(mediaType string, v any) (descriptor, error) {
	text, err := json.Marshal(v)
	return l.add(mediaType, text), err
}

// image makes an image from the programs for Linux and returns its digest: that
// of the index, which is the same for all architectures. Beside the program it
// holds the certificates that DNS over TLS and HTTPS need and the licences, and
// with shells those. There is no user, since the runner needs root to write to its
// workspace.
func (r *release) image(kind string, programs map[platform][]byte, beside []entry, shells map[platform][]entry) (string, error) {
	l := &layout{}
	about := map[string]string{
		"org.opencontainers.image.source":   "https://github.com/sescheck/sescheck",
		"org.opencontainers.image.version":  r.version,
		"org.opencontainers.image.licenses": "MIT",
	}
	if shells != nil {
		about["org.opencontainers.image.licenses"] = "MIT AND GPL-2.0-only"
	}
	index := manifest{SchemaVersion: 2, MediaType: indexType, Annotations: about}
	for _, p := range imagePlatforms {
		files := []entry{
			{"etc/", 0o755, nil}, {"etc/ssl/", 0o755, nil}, {"etc/ssl/certs/", 0o755, nil}, {"etc/ssl/certs/ca-certificates.crt", 0o644, certificates()},
			{"usr/", 0o755, nil}, {"usr/share/", 0o755, nil}, {"usr/share/doc/", 0o755, nil}, {"usr/share/doc/sescheck/", 0o755, nil},
		}
		for _, e := range beside {
			if e.name == "LICENSE" || e.name == "NOTICES" {
				files = append(files, entry{"usr/share/doc/sescheck/" + e.name, e.mode, e.content})
			}
		}
		start := map[string]any{"Entrypoint": []string{"/sescheck"}, "Labels": about}
		if shells != nil {
			start = map[string]any{"Cmd": []string{"/bin/sh"}, "Env": []string{"PATH=/bin:/"}, "Labels": about}
			files = append(files, shells[p]...)
		}
		d, err := r.manifest(l, p, append(files, entry{"sescheck", 0o755, programs[p]}), start, about)
		if err != nil {
			return "", err
		}
		index.Manifests = append(index.Manifests, d)
	}
	whole, err := l.addJSON(indexType, index)
	if err != nil {
		return "", err
	}
	// The archive's own index names the image.
	whole.Annotations = map[string]string{"org.opencontainers.image.ref.name": r.version}
	top, err := json.Marshal(manifest{SchemaVersion: 2, MediaType: indexType, Manifests: []descriptor{whole}})
	if err != nil {
		return "", err
	}
	files := append([]entry{{"oci-layout", 0o644, []byte(`{"imageLayoutVersion":"1.0.0"}`)}, {"index.json", 0o644, top}, {"blobs/", 0o755, nil}, {"blobs/sha256/", 0o755, nil}}, l.files...)
	packed, err := pack(r.date, files...)
	if err != nil {
		return "", err
	}
	return whole.Digest, r.asset(fmt.Sprintf("sescheck_%s_%s.tar", r.version, kind), packed.tar)
}

// imagePlatforms are those of runners.
var imagePlatforms = []platform{{"linux", "amd64"}, {"linux", "arm64"}}

// manifest adds the image for an architecture.
func (r *release) manifest(l *layout, p platform, files []entry, start map[string]any, about map[string]string) (descriptor, error) {
	layer, err := pack(r.date, files...)
	if err != nil {
		return descriptor{}, err
	}
	config, err := l.addJSON(configType, map[string]any{
		"created": r.date.Format(time.RFC3339), "os": p.os, "architecture": p.arch,
		"config":  start,
		"rootfs":  map[string]any{"type": "layers", "diff_ids": []string{digest(layer.tar)}},
		"history": []any{map[string]string{"created": r.date.Format(time.RFC3339), "created_by": "release"}},
	})
	if err != nil {
		return descriptor{}, err
	}
	d, err := l.addJSON(manifestType, manifest{
		SchemaVersion: 2, MediaType: manifestType, Config: &config,
		Layers: []descriptor{l.add(layerType, layer.gzip)}, Annotations: about,
	})
	d.Platform = map[string]string{"os": p.os, "architecture": p.arch}
	return d, err
}

// certificates are Mozilla's roots, of a version that go.mod pins. Those that may
// vouch for some names or times only are left out: a file of certificates cannot
// say so.
func certificates() []byte {
	var b bytes.Buffer
	for root := range bundle.Roots() {
		if root.Constraint == nil {
			_ = pem.Encode(&b, &pem.Block{Type: "CERTIFICATE", Bytes: root.Certificate}) // a Buffer does not fail
		}
	}
	return b.Bytes()
}
