package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

// link is the mode of a symbolic link; its content is where it leads.
const link = 0o120777

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
	var plain bytes.Buffer
	w := tar.NewWriter(&plain)
	for _, e := range entries {
		h := &tar.Header{Name: e.name, Mode: e.mode, Size: int64(len(e.content)), ModTime: date, Typeflag: tar.TypeReg, Format: tar.FormatUSTAR}
		if strings.HasSuffix(e.name, "/") {
			h.Typeflag = tar.TypeDir
		}
		if e.mode == link {
			h.Typeflag, h.Linkname, h.Mode, h.Size, e.content = tar.TypeSymlink, string(e.content), 0o777, 0, nil
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
	small, err := squeeze(plain.Bytes())
	return packed{plain.Bytes(), small}, err
}

// squeeze compresses.
func squeeze(content []byte) ([]byte, error) {
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := z.Write(content); err != nil {
		return nil, err
	}
	err = z.Close()
	return b.Bytes(), err
}

// zipped makes an archive for Windows.
func zipped(date time.Time, entries ...entry) ([]byte, error) {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, e := range entries {
		h := &zip.FileHeader{Name: e.name, Method: zip.Deflate, Modified: date}
		h.SetMode(os.FileMode(e.mode))
		f, err := w.CreateHeader(h)
		if err != nil {
			return nil, err
		}
		if _, err := f.Write(e.content); err != nil {
			return nil, err
		}
	}
	err := w.Close()
	return b.Bytes(), err
}

// sum is a file's line in checksums.txt.
type sum struct{ hash, name string }

// asset writes a file that users download.
func (r *release) asset(name string, content []byte) error {
	r.sums = append(r.sums, sum{hash(content), name})
	return r.write(name, content)
}

// hash is a SHA-256 sum in hexadecimal.
func hash(content []byte) string { return fmt.Sprintf("%x", sha256.Sum256(content)) }

func (r *release) write(name string, content []byte) error {
	path := filepath.Join(r.out, name)
	return errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, content, 0o644))
}

// writeSums writes checksums.txt, which `sha256sum --check` reads, and what setup/
// checks an installation against: that, and the sums of the programs.
func (r *release) writeSums(programs map[platform][]byte) error {
	var b strings.Builder
	for _, s := range r.sums {
		fmt.Fprintf(&b, "%s  %s\n", s.hash, s.name)
	}
	files := b.String()
	for _, p := range platforms {
		fmt.Fprintf(&b, "%s  %s/%s\n", hash(programs[p]), r.name(p), p.program())
	}
	return errors.Join(r.write("checksums.txt", []byte(files)), r.write("commit/setup/checksums.txt", []byte(b.String())))
}

// serial is the serial number of a list of components: a UUID of version 8, made
// from the program's sum.
func serial(program []byte) string {
	sum := sha256.Sum256(program)
	sum[6], sum[8] = sum[6]&0x0f|0x80, sum[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", sum[:4], sum[4:6], sum[6:8], sum[8:10], sum[10:16])
}

// licensed is what is known of a component's licences.
type licensed struct{ licenses, evidence any }

// eachComponent walks over a list of components.
func eachComponent(list map[string]any, do func(ref string, c map[string]any)) {
	all, _ := list["components"].([]any)
	for _, c := range all {
		if c, ok := c.(map[string]any); ok {
			ref, _ := c["bom-ref"].(string)
			do(ref, c)
		}
	}
}

// learn keeps the licences of a list.
func (r *release) learn(list map[string]any) {
	if r.known == nil {
		r.known = map[string]licensed{}
	}
	eachComponent(list, func(ref string, c map[string]any) { r.known[ref] = licensed{c["licenses"], c["evidence"]} })
}

// license adds to a list the licences that are known, and reports whether those of
// all components are.
func (r *release) license(list map[string]any) bool {
	all := true
	eachComponent(list, func(ref string, c map[string]any) {
		known, ok := r.known[ref]
		all = all && ok
		if known.licenses != nil {
			c["licenses"] = known.licenses
		}
		if known.evidence != nil {
			c["evidence"] = known.evidence
		}
	})
	return all
}

// still takes out of a list of components what differs from run to run: the
// time, and the sums of the tool that made it.
func still(list map[string]any, date time.Time) ([]byte, error) {
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
