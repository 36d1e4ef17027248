package report

import (
	"bytes"
	"encoding/json"
	"io"
	"testing"

	"github.com/sescheck/sescheck/internal/check/finding"
)

// FuzzRead: whatever claims to be a report, reading it and writing what was
// read neither panics nor writes JSON that is none; what it wrote is read again
// to the same.
func FuzzRead(f *testing.F) {
	f.Add([]byte(`{"schema_version":1,"tool":{"name":"sescheck"},"started_at":"2026-11-23T12:00:00Z",
		"findings":[{"check":"spf-missing","severity":"error","status":"fail","domain":"a.example","part":"spf","record":{"name":"a.example","type":"TXT"},"message":"::x::y","actual":["::1"],"location":{"file":"a.yaml","line":1}}],
		"domains":[{"name":"a.example","passed":3,"parts":["spf"],"checks":[{"check":"spf-all","record":{"name":"a.example","type":"TXT"},"status":"skipped"}]}],
		"spf":{"a.example":{"state":"ok","terms":[{"term":"include:a.example","target":"a.example","lookups":1,"at_least":true}]}},
		"ending":[{"check":"spf-*","until":"2026-11-24","location":{"file":"a.yaml","line":2}}],"answered":true}`))
	f.Add([]byte(`{"schema_version":1,"tool":{"name":"sescheck"},"domains":[],"shard":{"index":2,"count":3,"run":"00ff","domains":7,"positions":[],
		"held":[{"check":"ignore-unused","severity":"note","status":"fail","record":{"name":"","type":""}}]}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		once := rewritten(t, text)
		if once == nil {
			return
		}
		if again := rewritten(t, once); !bytes.Equal(once, again) {
			t.Errorf("written:\n%s\nread and written again:\n%s", once, again)
		}
	})
}

// rewritten reads a report and writes it in every format; it returns the JSON,
// or nil if it is no report.
func rewritten(t *testing.T, text []byte) []byte {
	t.Helper()
	p, err := Read(bytes.NewReader(text))
	if err != nil {
		return nil
	}
	run, o, err := Merge([]*Part{p}, true)
	if err != nil {
		return nil
	}
	r := New(run, o, Policy{FailOn: finding.Note})
	for _, name := range OfCheck().Names() {
		if err := OfCheck()[name](io.Discard, r); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	var b bytes.Buffer
	if err := JSON(&b, r); err != nil || !json.Valid(b.Bytes()) {
		t.Fatalf("%v\n%s", err, &b)
	}
	return b.Bytes()
}
