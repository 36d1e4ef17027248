package transport

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/miekg/dns"

	"github.com/sescheck/sescheck/internal/record"
)

// TestNotMessage: only status 200 with the type of DNS messages can hold an answer.
func TestNotMessage(t *testing.T) {
	for _, tt := range []struct {
		status int
		kind   string
		want   string // "" for nothing wrong
	}{
		{200, "application/dns-message", ""},
		{200, "Application/DNS-Message; charset=x", ""},
		{429, "application/dns-message", "HTTP status 429 Too Many Requests"},
		{503, "text/html", "HTTP status 503 Service Unavailable"},
		{500, "", "HTTP status 500 Internal Server Error"},
		{302, "application/dns-message", "HTTP status 302"},
		{204, "application/dns-message", "HTTP status 204"},
		{599, "", "HTTP status 599"},
		{200, "", `its content type is "", not application/dns-message`},
		{200, "application/dns-json", `its content type is "application/dns-json", not application/dns-message`},
		{200, "##[error]x\x1b[2J", `its content type is "#\x23[error]x\x1b[2J", not application/dns-message`},
		{200, strings.Repeat("a", 1000), "its content type is \"" + strings.Repeat("a", 79) + ", not"},
	} {
		err := notMessage(tt.status, tt.kind, "")
		if tt.want == "" {
			if err != nil {
				t.Errorf("%d %s: %v", tt.status, tt.kind, err)
			}
			continue
		}
		f, ok := errors.AsType[*Fault](err)
		if !ok || f.Kind != record.Malformed || !strings.HasPrefix(f.Detail, tt.want) {
			t.Errorf("%d %s: %v, want %s", tt.status, tt.kind, err, tt.want)
		}
	}
}

// TestParseBody: a body is an answer only if it is whole and to this question.
func TestParseBody(t *testing.T) {
	q, err := NewQuery(record.Question{Name: "a.example", Type: record.TXT})
	if err != nil {
		t.Fatal(err)
	}
	packed := func(change func(*dns.Msg)) []byte {
		m := new(dns.Msg).SetQuestion("a.example.", dns.TypeTXT)
		m.Id, m.Response, m.RecursionAvailable = 0, true, true
		m.Answer = []dns.RR{&dns.TXT{Hdr: dns.RR_Header{Name: "a.example.", Rrtype: dns.TypeTXT, Class: dns.ClassINET}, Txt: []string{"x"}}}
		change(m)
		wire, err := m.Pack()
		if err != nil {
			t.Fatal(err)
		}
		return wire
	}
	right := packed(func(*dns.Msg) {})
	pad := func(size int) func(*dns.Msg) {
		return func(m *dns.Msg) {
			m.SetEdns0(udpSize, false)
			const option = 11 + 4 // an OPT record with one option, without its data
			m.IsEdns0().Option = []dns.EDNS0{&dns.EDNS0_PADDING{Padding: make([]byte, size-len(right)-option)}}
		}
	}
	for name, tt := range map[string]struct {
		wire []byte
		want string // "" for an answer
	}{
		"right":               {right, ""},
		"nothing":             {nil, "it answers another question"},
		"half a header":       {right[:8], "it answers another question"},
		"another id":          {packed(func(m *dns.Msg) { m.Id = 256 }), "it answers another question"},
		"another name":        {packed(func(m *dns.Msg) { m.Question[0].Name = "b.example." }), "it answers another question"},
		"another type":        {packed(func(m *dns.Msg) { m.Question[0].Qtype = dns.TypeMX }), "it answers another question"},
		"the question itself": {packed(func(m *dns.Msg) { m.Response = false }), "it answers another question"},
		"a foreign answer":    {packed(func(m *dns.Msg) { m.Answer[0].Header().Name = "b.example." }), "no readable answer"},
		"cut":                 {right[:len(right)-3], "no readable answer"},
		"truncated":           {packed(func(m *dns.Msg) { m.Truncated, m.Answer = true, nil }), "truncated over HTTPS"},
		"as long as can be":   {packed(pad(maxMessage)), ""},
		"endless":             {append(right, bytes.Repeat([]byte{0}, maxMessage)...), "longer than a message can be"},
	} {
		r, err := q.parseBody(tt.wire)
		switch {
		case tt.want == "":
			if err != nil || len(r.Answers) != 1 || !r.Credible() {
				t.Errorf("%s: %+v %v", name, r, err)
			}
		case err == nil || !strings.Contains(err.Error(), tt.want):
			t.Errorf("%s: %+v %v, want %s", name, r, err, tt.want)
		case r.Credible():
			t.Errorf("%s may be believed", name)
		}
	}
}
