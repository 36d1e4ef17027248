package transport

import (
	"bytes"
	"testing"

	"github.com/miekg/dns"

	"github.com/sescheck/sescheck/internal/record"
)

// TestCredible: an absence is believed only of a server that can know of it.
func TestCredible(t *testing.T) {
	t.Parallel()
	found := []record.RR{{Owner: "example.test", Data: record.Record{Type: record.TXT}}}
	for name, c := range map[string]struct {
		reply Reply
		want  bool
	}{
		"records":                                  {Reply{Answers: found}, true},
		"records beside a referral":                {Reply{Answers: found, refers: true}, true},
		"no data, authoritative":                   {Reply{Authoritative: true}, true},
		"no data of a resolver":                    {Reply{Recursion: true}, true},
		"no data of a server that is neither":      {Reply{}, false},
		"a referral of a resolver":                 {Reply{Recursion: true, refers: true}, false},
		"no such name, authoritative":              {Reply{Rcode: dns.RcodeNameError, Authoritative: true}, true},
		"no such name of a resolver":               {Reply{Rcode: dns.RcodeNameError, Recursion: true}, true},
		"no such name of a server that is neither": {Reply{Rcode: dns.RcodeNameError}, false},
		"refused":                {Reply{Rcode: dns.RcodeRefused, Recursion: true}, false},
		"a failure with records": {Reply{Rcode: dns.RcodeServerFailure, Authoritative: true, Answers: found}, false},
	} {
		if c.reply.Credible() != c.want {
			t.Errorf("%s: credible is %v", name, !c.want)
		}
	}
}

// TestIsAnsweredBy: which datagrams with the right id answer a question.
func TestIsAnsweredBy(t *testing.T) {
	t.Parallel()
	q := fastQuery(t)
	for name, c := range map[string]struct {
		change func(wire []byte) []byte
		want   bool
	}{
		"an answer":              {func(w []byte) []byte { return w }, true},
		"in capitals":            {func(w []byte) []byte { w[headerSize+1] = 'A'; return w }, true},
		"only the question":      {func(w []byte) []byte { return w[:headerSize+len(q.section)] }, true},
		"cut before its end":     {func(w []byte) []byte { return w[:headerSize+len(q.section)-1] }, false},
		"only a header":          {func(w []byte) []byte { return w[:headerSize] }, false},
		"a question":             {func(w []byte) []byte { w[2] &^= 0x80; return w }, false},
		"another opcode":         {func(w []byte) []byte { w[2] |= 0x20; return w }, false},
		"another name":           {func(w []byte) []byte { w[headerSize+1] = 'b'; return w }, false},
		"another type":           {func(w []byte) []byte { w[headerSize+len(q.section)-3] = 1; return w }, false},
		"two questions":          {func(w []byte) []byte { w[5] = 2; return w }, false},
		"cut in the question":    {func(w []byte) []byte { return w[:headerSize+5] }, false},
		"a bare refusal":         {func(w []byte) []byte { w[3], w[5] = dns.RcodeFormatError, 0; return w[:headerSize] }, true},
		"a bare denial":          {func(w []byte) []byte { w[3], w[5] = dns.RcodeNameError, 0; return w[:headerSize] }, false},
		"a bare success":         {func(w []byte) []byte { w[3], w[5] = 0, 0; return w[:headerSize] }, false},
		"a refusal and a record": {func(w []byte) []byte { w[3], w[5] = dns.RcodeFormatError, 0; return w }, false},
		"half a header":          {func(w []byte) []byte { return w[:headerSize-1] }, false},
	} {
		if q.IsAnsweredBy(c.change(pack(t, fastReplies[0], true))) != c.want {
			t.Errorf("%s: it is an answer: %v", name, !c.want)
		}
	}
}

// TestCase: names are compared without regard to case, and nothing else is.
func TestCase(t *testing.T) {
	t.Parallel()
	q, err := NewQuery(record.Question{Name: "az-@[`{09.test", Type: record.A})
	if err != nil {
		t.Fatal(err)
	}
	for from, to := range map[string]string{"a": "A", "z": "Z", "@": "`", "`": "@", "[": "{", "{": "[", "t": "T"} {
		wire := append([]byte(nil), q.withoutEDNS().Wire...)
		wire[2] |= 0x80
		at := bytes.Index(wire, []byte(from))
		wire[at] = to[0]
		if got, letters := q.IsAnsweredBy(wire), from >= "a" && from <= "z"; got != letters {
			t.Errorf("%s for %s: %v", to, from, got)
		}
	}
}
