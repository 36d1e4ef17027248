package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

// entry is a file of an archive, or with a final slash a folder.
type entry struct {
	name    string
	mode    int64
	content []byte
}

// packed is an archive as it is, and compressed.
type packed struct{ tar, gzip []byte }

// pack makes an archive: owned by root, and all of one date.
func pack(date time.Time, entries ...entry) (packed, error) {
	var plain, small bytes.Buffer
	w := tar.NewWriter(&plain)
	for _, e := range entries {
		h := &tar.Header{Name: e.name, Mode: e.mode, Size: int64(len(e.content)), ModTime: date, Typeflag: tar.TypeReg, Format: tar.FormatUSTAR}
		if strings.HasSuffix(e.name, "/") {
			h.Typeflag = tar.TypeDir
		}
		if err := w.WriteHeader(h); err != nil {
			return packed{}, err
		}
		if _, err := w.Write(e.content); err != nil {
			return packed{}, err
		}
	}
	if err := w.Close(); err != nil {
		return packed{}, err
	}
	z, err := gzip.NewWriterLevel(&small, gzip.BestCompression)
	if err != nil {
		return packed{}, err
	}
	if _, err := z.Write(plain.Bytes()); err != nil {
		return packed{}, err
	}
	if err := z.Close(); err != nil {
		return packed{}, err
	}
	return packed{plain.Bytes(), small.Bytes()}, nil
}

// sum is something with a line in checksums.txt.
type sum struct {
	name    string
	content []byte
}

// asset writes a file of the release that has a sum.
func (r *release) asset(name string, content []byte) error {
	r.sums = append(r.sums, sum{name, content})
	return r.write(name, content)
}

func (r *release) write(name string, content []byte) error {
	return os.WriteFile(filepath.Join(r.out, name), content, 0o644)
}

// writeSums writes checksums.txt, in the form that `sha256sum --check
// --ignore-missing` reads.
func (r *release) writeSums() error {
	var b strings.Builder
	for _, s := range r.sums {
		fmt.Fprintf(&b, "%x  %s\n", sha256.Sum256(s.content), s.name)
	}
	return r.write("checksums.txt", []byte(b.String()))
}

// still takes out of a list of components what differs from run to run: the
// time, and the sums of the tool that made it.
func still(sbom []byte, date time.Time) ([]byte, error) {
	var list map[string]any
	if err := json.Unmarshal(sbom, &list); err != nil {
		return nil, err
	}
	about, ok := list["metadata"].(map[string]any)
	if !ok {
		return nil, fmt.Errorf("the list of components has no metadata")
	}
	about["timestamp"] = date.Format(time.RFC3339)
	tools, _ := about["tools"].([]any)
	for _, t := range tools {
		if t, ok := t.(map[string]any); ok {
			delete(t, "hashes")
		}
	}
	return json.MarshalIndent(list, "", "  ")
}

// section finds the notes and the date of a version in the changelog.
func section(changelog, version string) (notes string, date time.Time, err error) {
	head := regexp.MustCompile(`(?m)^## ` + regexp.QuoteMeta(version) + ` - (\d{4}-\d\d-\d\d)\n`)
	m := head.FindStringSubmatchIndex(changelog)
	if m == nil {
		return "", time.Time{}, fmt.Errorf("CHANGELOG.md has no section %q", "## "+version+" - YYYY-MM-DD")
	}
	date, err = time.Parse(time.DateOnly, changelog[m[2]:m[3]])
	if err != nil {
		return "", time.Time{}, err
	}
	notes, _, _ = strings.Cut(changelog[m[1]:], "\n## ")
	notes = strings.TrimSpace(notes)
	if notes == "" {
		return "", time.Time{}, fmt.Errorf("CHANGELOG.md says nothing about %s", version)
	}
	return notes + "\n", date, nil
}
