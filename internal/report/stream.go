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

// streamJSON writes the JSON report piece by piece: of a large fleet the text is
// over a hundred megabytes, and nobody needs all of it at once. The bytes are
// those that encoding the whole would give.
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
	one    bytes.Buffer // a value at a time
	err    error
}

func (s *jsonStream) write(p []byte) {
	if s.err == nil {
		_, s.err = s.Write(p)
	}
}

// list writes what stands in the frame before the empty list or object of a key
// at the top, and the items in its place. The keys before it hold no text from
// outside, in which the same could stand.
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
