package report

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"iter"
	"maps"
	"slices"
	"strconv"

	"github.com/sescheck/sescheck/internal/untrusted"
)

// streamJSON writes the JSON report piece by piece: that of a large fleet has
// over a hundred megabytes. The bytes are the same as if it were encoded at once.
func streamJSON(w io.Writer, r *Report, indent string) error {
	var frame bytes.Buffer
	if err := writeJSON(&frame, toJSONFrame(r), indent); err != nil {
		return err
	}
	s := &jsonStream{Writer: bufio.NewWriterSize(w, 1<<16), indent: indent}
	s.list(&frame, "findings", '[', func(yield func(string, any) bool) {
		for f := range r.Findings() {
			if !yield("", r.toJSONFinding(f)) {
				return
			}
		}
	})
	s.list(&frame, "domains", '[', func(yield func(string, any) bool) {
		for i := range r.Domains {
			if !yield("", r.toJSONDomain(&r.Domains[i])) {
				return
			}
		}
	})
	s.list(&frame, "spf", '{', func(yield func(string, any) bool) {
		for _, name := range slices.Sorted(maps.Keys(r.SPF)) {
			if !yield(string(name), toJSONRecord(r.SPF[name])) {
				return
			}
		}
	})
	s.write(frame.Bytes())
	if s.err != nil {
		return s.err
	}
	return s.Flush()
}

type jsonStream struct {
	*bufio.Writer
	indent string
	one    bytes.Buffer // the value being written
	err    error
}

func (s *jsonStream) write(p []byte) {
	if s.err == nil {
		_, s.err = s.Write(p)
	}
}

// list writes the frame up to the empty list or object of a top-level key, and
// then the items. The keys before it have no text from outside, which could
// contain the key.
func (s *jsonStream) list(frame *bytes.Buffer, key string, open byte, items iter.Seq2[string, any]) {
	head := strconv.Quote(key) + ":"
	if s.indent != "" {
		head += " "
	}
	head += string(open)
	at := bytes.Index(frame.Bytes(), []byte(head)) + len(head)
	s.write(frame.Next(at))
	any := false
	for name, item := range items {
		if any {
			s.write([]byte{','})
		}
		any = true
		s.item(name, item)
	}
	if any && s.indent != "" {
		s.write([]byte("\n" + s.indent))
	}
}

func (s *jsonStream) item(name string, item any) {
	s.one.Reset()
	enc := json.NewEncoder(untrusted.JSON(&s.one))
	enc.SetIndent(s.indent+s.indent, s.indent)
	if s.indent != "" {
		s.write([]byte("\n" + s.indent + s.indent))
	}
	if name != "" {
		quoted, err := json.Marshal(name)
		if s.err == nil {
			s.err = err
		}
		s.write(append(quoted, ':'))
		if s.indent != "" {
			s.write([]byte{' '})
		}
	}
	if err := enc.Encode(item); err != nil && s.err == nil {
		s.err = err
	}
	s.write(bytes.TrimSuffix(s.one.Bytes(), []byte("\n")))
}
