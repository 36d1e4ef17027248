package check

import (
	"slices"
	"strings"
	"testing"

	"github.com/sescheck/sescheck/internal/check/part"
	"github.com/sescheck/sescheck/internal/check/part/judgetest"
	"github.com/sescheck/sescheck/internal/check/snapshot"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/untrusted"
)

// texts is an answer with TXT records; without any, the name has none.
func texts(name record.Name, all ...string) record.Answer {
	a := record.Answer{Question: record.Question{Name: name, Type: record.TXT}, Status: record.NoData}
	for _, text := range all {
		a.Status = record.Found
		a.Records = append(a.Records, record.NewTXT(text))
	}
	return a
}

var unansweredText = record.Answer{Status: record.Unknown}

func holdPublished(t *testing.T, what string, got snapshot.Published, state snapshot.State, says string) {
	t.Helper()
	if got.State != state || !strings.Contains(strings.Join(got.Says, "; "), says) || says == "" && len(got.Says) > 0 {
		t.Errorf("%s is %s: %q", what, got.State, got.Says)
	}
}

func TestBIMI(t *testing.T) {
	t.Parallel()
	const good = "v=BIMI1; l=https://a.example/l.svg; a=https://a.example/c.pem"
	reject := &snapshot.DMARC{State: snapshot.Right, Policy: "reject", Subdomains: "reject"}
	with := func(change func(*snapshot.DMARC)) *snapshot.DMARC {
		p := *reject
		change(&p)
		return &p
	}
	for what, c := range map[string]struct {
		domain, org record.Answer
		policy      *snapshot.DMARC
		state       snapshot.State
		says        string
	}{
		"in order":                     {texts("d", good), texts("o"), reject, snapshot.Right, ""},
		"that of the organisation":     {texts("d"), texts("o", good), reject, snapshot.Right, ""},
		"none":                         {texts("d", "v=spf1 -all"), texts("o"), reject, snapshot.Missing, ""},
		"not answered":                 {unansweredText, texts("o", good), reject, snapshot.Unknown, ""},
		"declined":                     {texts("d", "v=BIMI1; l=; a="), texts("o", good), reject, snapshot.Right, "not to show"},
		"without a certificate":        {texts("d", "v=BIMI1;l=https://a.example/l.svg"), texts("o"), reject, snapshot.Right, "no certificate"},
		"a logo without TLS":           {texts("d", "v=BIMI1; l=http://a.example/l.svg; a=https://a.example/c"), texts("o"), reject, snapshot.Wrong, "begin with https://"},
		"a logo that is no SVG":        {texts("d", "v=BIMI1; l=https://a.example/l.png"), texts("o"), reject, snapshot.Wrong, "must be an SVG"},
		"a logo with a query":          {texts("d", "v=BIMI1; l=https://a.example/l.SVG?v=2; a=https://a.example/c"), texts("o"), reject, snapshot.Right, ""},
		"a certificate elsewhere":      {texts("d", "v=BIMI1; l=https://a.example/l.svg; a=self"), texts("o"), reject, snapshot.Wrong, "certificate (a=) must begin"},
		"a certificate without a host": {texts("d", "v=BIMI1; l=https://a.example/l.svg; a=https:///c"), texts("o"), reject, snapshot.Wrong, "certificate (a=) must begin"},
		"a certificate that is no URL": {texts("d", "v=BIMI1; l=https://a.example/l.svg; a=https://a b/c"), texts("o"), reject, snapshot.Wrong, "certificate (a=) must begin"},
		"a logo without a host":        {texts("d", "v=BIMI1; l=https:///l.svg; a=https://a.example/c"), texts("o"), reject, snapshot.Wrong, "begin with https://"},
		"a logo that is no URL":        {texts("d", "v=BIMI1; l=https://a b/l.svg; a=https://a.example/c"), texts("o"), reject, snapshot.Wrong, "begin with https://"},
		"a compressed logo":            {texts("d", "v=BIMI1; l=https://a.example/l.SVGZ; a=https://a.example/c"), texts("o"), reject, snapshot.Right, ""},
		"spaces and capitals":          {texts("d", " v= bimi1 ;; L = https://a.example/l.svg ; A=https://a.example/c; l=x"), texts("o"), reject, snapshot.Right, ""},
		"a tag that is there twice":    {texts("d", "v=BIMI1; l=https://a.example/l.svg; l=http://a.example; a=https://a.example/c"), texts("o"), reject, snapshot.Right, ""},
		"no policy was looked for":     {texts("d", good), texts("o"), nil, snapshot.Right, ""},
		"a policy that says nothing":   {texts("d", good), texts("o"), &snapshot.DMARC{State: snapshot.Right, Subdomains: "none"}, snapshot.Right, ""},
		"the organisation's is open":   {texts("d"), unansweredText, reject, snapshot.Unknown, ""},
		"no logo":                      {texts("d", "v=BIMI1; a=https://a.example/c.pem"), texts("o"), reject, snapshot.Wrong, "no address of a logo"},
		"two records":                  {texts("d", good, good+";"), texts("o"), reject, snapshot.Wrong, "2 records"},
		"another version":              {texts("d", "v=BIMI2; l=x"), texts("o"), reject, snapshot.Missing, ""},
		"p=none":                       {texts("d", good), texts("o"), with(func(p *snapshot.DMARC) { p.Policy = "none" }), snapshot.Wrong, "but it is none"},
		"sp=none":                      {texts("d", good), texts("o"), with(func(p *snapshot.DMARC) { p.Subdomains = "none" }), snapshot.Wrong, "subdomains (sp)"},
		"t=y":                          {texts("d", good), texts("o"), with(func(p *snapshot.DMARC) { p.Testing = true }), snapshot.Wrong, "test mode"},
		"no policy":                    {texts("d", good), texts("o"), &snapshot.DMARC{State: snapshot.Missing}, snapshot.Wrong, "no policy takes effect"},
		"a policy without an answer":   {texts("d", good), texts("o"), &snapshot.DMARC{State: snapshot.Unknown}, snapshot.Right, ""},
	} {
		holdPublished(t, what, readBIMI([]record.Answer{c.domain, c.org}, c.policy), c.state, c.says)
	}
}

func TestTLSRecords(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]struct {
		state snapshot.State
		says  string
	}{
		"v=TLSRPTv1; rua=mailto:a@b.example":                    {snapshot.Right, "go to mailto:a@b.example"},
		"v=TLSRPTv1;rua=mailto:a@b.example,https://b.example/r": {snapshot.Right, "https://b.example/r"},
		"v=TLSRPTv1; rua=a@b.example":                           {snapshot.Wrong, "nobody receives reports"},
		"v=TLSRPTv1; rua= mailto:a@b.example , b@b.example":     {snapshot.Wrong, "nobody receives reports"},
		"v=TLSRPTv1; rua= mailto:a@b.example , https://b/c":     {snapshot.Right, "go to "},
		"v=TLSRPTv1":                         {snapshot.Wrong, "nobody receives reports"},
		"v=TLSRPTv2; rua=mailto:a@b.example": {snapshot.Missing, ""},
	} {
		holdPublished(t, text, readTLSRPT(texts("_smtp._tls.a.example", text)), want.state, want.says)
	}
	for text, want := range map[string]struct {
		state snapshot.State
		says  string
	}{
		"v=STSv1; id=1;": {snapshot.Right, "https://mta-sts.a.example/.well-known/mta-sts.txt"},
		"v=STSv1;":       {snapshot.Wrong, "no id"},
		"id=1":           {snapshot.Missing, ""},
	} {
		holdPublished(t, text, readMTASTS(texts("_mta-sts.a.example", text)), want.state, want.says)
	}
}

func TestCAA(t *testing.T) {
	t.Parallel()
	caa := func(all ...string) record.Answer {
		a := record.Answer{Question: record.Question{Name: "a.example", Type: record.CAA}, Status: record.NoData}
		for _, s := range all {
			tag, value, _ := strings.Cut(s, " ")
			a.Status = record.Found
			a.Records = append(a.Records, record.Record{Type: record.CAA, Strings: []untrusted.Text{untrusted.New(tag), untrusted.New(value)}})
		}
		return a
	}
	for what, c := range map[string]struct {
		answers []record.Answer
		state   snapshot.State
		says    string
	}{
		"none":                       {[]record.Answer{caa(), caa()}, snapshot.Missing, "any authority"},
		"two issuers":                {[]record.Answer{caa("issuemail ca.example; x=y", "ISSUEMAIL other.example")}, snapshot.Right, "issued by ca.example, other.example"},
		"nobody":                     {[]record.Answer{caa("issuemail ;")}, snapshot.Right, "no authority"},
		"of servers alone":           {[]record.Answer{caa("issue ca.example"), caa("issuemail ca.example")}, snapshot.Right, "has no issuemail"},
		"that of the name above":     {[]record.Answer{caa(), caa("issuemail ca.example")}, snapshot.Right, "issued by ca.example"},
		"not answered":               {[]record.Answer{unansweredText, caa("issuemail ca.example")}, snapshot.Unknown, ""},
		"not answered above":         {[]record.Answer{caa(), unansweredText}, snapshot.Unknown, ""},
		"nobody, and somebody":       {[]record.Answer{caa("issuemail ;", "issuemail ca.example")}, snapshot.Right, "issued by ca.example"},
		"one that was not readable":  {[]record.Answer{{Status: record.Found, Records: append(caa("issuemail ca.example").Records, record.Record{Type: record.CAA})}}, snapshot.Wrong, "not all of it can be read"},
		"data that was not readable": {[]record.Answer{{Status: record.Found, Records: []record.Record{{Type: record.CAA}}}}, snapshot.Wrong, "not all of it can be read"},
	} {
		holdPublished(t, what, readCAA(c.answers), c.state, c.says)
	}
}

// TestBesideAsks: of a domain and the names above it, as far as they are the
// organisation's. What is not answered is reported.
func TestBesideAsks(t *testing.T) {
	t.Parallel()
	w := &world{answer: func(q record.Question, _ bool) record.Answer {
		if q.Type == record.CAA && q.Name == "a.example" || q.Name == "_mta-sts.mail.a.example" || q.Name == "default._bimi.a.example" {
			return judgetest.Failing(q)
		}
		return judgetest.Absent(q, record.NoName)
	}}
	b := observeBeside(t.Context(), askerOf(t, w), "mail.a.example")
	var open []string
	for _, q := range b.unanswered() {
		open = append(open, q.String())
	}
	if want := []string{"TXT default._bimi.a.example", "TXT _mta-sts.mail.a.example", "CAA a.example"}; !slices.Equal(open, want) {
		t.Errorf("not answered: %q, want %q", open, want)
	}
	if n := w.asked.Load(); n != 6 {
		t.Errorf("%d questions", n)
	}
	for state, shown := range map[snapshot.State]bool{snapshot.Right: true, snapshot.Missing: false, snapshot.Unknown: false} {
		p := b.snapshot(&snapshot.Snapshot{Discovery: &snapshot.Discovery{Receives: state}})
		if p.MTASTS.State == snapshot.Unknown != shown || p.TLSRPT.State == snapshot.Missing != shown || p.CAA.State != snapshot.Unknown {
			t.Errorf("receives mail: %s: %+v", state, p)
		}
	}
	if p := b.snapshot(&snapshot.Snapshot{}); p.MTASTS.State != "" {
		t.Errorf("%+v", p)
	}
}

// askerOf asks a world for everything.
func askerOf(t *testing.T, w *world) part.Asker {
	t.Helper()
	workers := newWorkers()
	t.Cleanup(workers.close)
	a := newAsker(t.Context(), workers, part.NewRunCache(w))
	a.Own = part.NewCache(w)
	return a
}
