package check

import (
	"testing"

	"github.com/sescheck/sescheck/internal/check/finding"
	"github.com/sescheck/sescheck/internal/check/part"
	"github.com/sescheck/sescheck/internal/check/part/dkim"
	"github.com/sescheck/sescheck/internal/check/part/dmarc"
	"github.com/sescheck/sescheck/internal/check/part/domain"
	"github.com/sescheck/sescheck/internal/check/part/mailfrom"
	"github.com/sescheck/sescheck/internal/check/part/spf"
	"github.com/sescheck/sescheck/internal/check/part/verification"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/untrusted"
	"github.com/sescheck/sescheck/internal/wanted"
)

// TestHas: a wanted record is there unless a finding denies it, and that is not
// known where a question about it failed.
func TestHas(t *testing.T) {
	t.Parallel()
	mx := wanted.Record{Owner: "bounce.a.example", Part: wanted.MailFrom, Data: record.Record{Type: record.MX, Host: "feedback-smtp.eu-west-1.amazonses.com"}}
	token := wanted.Record{Owner: "_amazonses.a.example", Part: wanted.Verification, Data: record.NewTXT("one")}
	key := wanted.Record{Owner: "x._domainkey.a.example", Part: wanted.DKIM, Data: record.Record{Type: record.CNAME, Host: "x.dkim.amazonses.com"}}
	at := func(c *finding.Check, name record.Name, of record.Type, subject string) finding.Finding {
		return finding.Finding{Check: c, Status: finding.Fail, Record: record.Question{Name: name, Type: of}, Subject: subject}
	}
	open := func(name record.Name, of ...*finding.Check) finding.Finding {
		return finding.Finding{Check: DNSUnavailable, Status: finding.Inconclusive, Record: record.Question{Name: name, Type: record.TXT}, Undecided: of}
	}
	for name, c := range map[string]struct {
		wanted     wanted.Record
		found      []finding.Finding
		has, known bool
	}{
		"nothing found":                   {mx, nil, true, true},
		"missing":                         {mx, []finding.Finding{at(mailfrom.MXMissing, "bounce.a.example", record.MX, "")}, false, true},
		"the MX of another name":          {mx, []finding.Finding{at(mailfrom.MXMissing, "mail.a.example", record.MX, "")}, true, true},
		"another type at the name":        {mx, []finding.Finding{at(mailfrom.MXMissing, "bounce.a.example", record.TXT, "")}, true, true},
		"something else about it":         {mx, []finding.Finding{at(mailfrom.MXPreference, "bounce.a.example", record.MX, "")}, true, true},
		"SPF is missing at the name":      {mx, []finding.Finding{at(spf.Missing, "bounce.a.example", record.TXT, "")}, true, true},
		"under a doubled name":            {mx, []finding.Finding{at(part.NameDoubled, "bounce.a.example", record.MX, "")}, false, true},
		"no domain":                       {mx, []finding.Finding{at(domain.NotFound, "a.example", record.SOA, "")}, false, true},
		"the only record, a subject":      {mx, []finding.Finding{at(mailfrom.MXWrong, "bounce.a.example", record.MX, "other")}, false, true},
		"another MX beside it":            {mx, []finding.Finding{{Check: mailfrom.MXWrong, Status: finding.Fail, Record: record.Question{Name: "bounce.a.example", Type: record.MX}, Beside: true}}, true, true},
		"one token of several":            {token, []finding.Finding{at(verification.Mismatch, "_amazonses.a.example", record.TXT, "one")}, false, true},
		"another token":                   {token, []finding.Finding{at(verification.Mismatch, "_amazonses.a.example", record.TXT, "two")}, true, true},
		"all tokens":                      {token, []finding.Finding{at(verification.Missing, "_amazonses.a.example", record.TXT, "")}, false, true},
		"not answered":                    {mx, []finding.Finding{open("bounce.a.example", mailfrom.MXMissing)}, true, false},
		"not answered, of the domain":     {mx, []finding.Finding{open("a.example", domain.NotFound)}, true, false},
		"not answered, of something else": {mx, []finding.Finding{open("_dmarc.a.example", dmarc.Missing)}, true, true},
		"answered and not answered":       {mx, []finding.Finding{open("_dmarc.a.example", dmarc.Missing), open("a.example", mailfrom.MXWrong), open("_dmarc.a.example", dmarc.Missing)}, true, false},
		"another key was not answered":    {key, []finding.Finding{open("y._domainkey.a.example", dkim.Missing)}, true, true},
		"the key was not answered":        {key, []finding.Finding{open("x._domainkey.a.example", dkim.Missing)}, true, false},
		"its target was not answered":     {key, []finding.Finding{open("x.dkim.amazonses.com", dkim.Missing)}, true, false},
		"a MAIL FROM name, not answered":  {mx, []finding.Finding{open("y._domainkey.a.example", mailfrom.MXMissing)}, true, false},
	} {
		d := Domain{Findings: c.found}
		if has, known := d.Has(c.wanted); has != c.has || known != c.known {
			t.Errorf("%s: has %v, known %v", name, has, known)
		}
	}
}

// TestBlocked: a record is not published where a finding about it says why not.
func TestBlocked(t *testing.T) {
	t.Parallel()
	mx := wanted.Record{Owner: "bounce.a.example", Part: wanted.MailFrom, Data: record.Record{Type: record.MX}}
	at := record.Question{Name: "bounce.a.example", Type: record.MX}
	for name, c := range map[string]struct {
		found finding.Finding
		want  string
	}{
		"so it says":       {finding.Finding{Check: mailfrom.MXMissing, Record: at, Advice: "first"}, "first"},
		"it says nothing":  {finding.Finding{Check: mailfrom.MXMissing, Record: at}, ""},
		"of another check": {finding.Finding{Check: mailfrom.MXPreference, Record: at, Advice: "first"}, ""},
		"of another part":  {finding.Finding{Check: spf.Missing, Record: at, Advice: "first"}, ""},
		"another name":     {finding.Finding{Check: mailfrom.MXMissing, Record: record.Question{Name: "a.example", Type: record.MX}, Advice: "first"}, ""},
	} {
		d := Domain{Findings: []finding.Finding{{Check: dmarc.Missing}, c.found}}
		if got := d.Blocked(mx); got != c.want {
			t.Errorf("%s: %q", name, got)
		}
	}
}

// TestAmendedDMARC: the first finding that has an amended record, or says why there
// is none, decides.
func TestAmendedDMARC(t *testing.T) {
	t.Parallel()
	one, why := finding.Finding{Amended: untrusted.New("v=DMARC1; p=none")}, finding.Finding{Unamended: "two records"}
	for name, c := range map[string]struct {
		found     []finding.Finding
		text, why string
	}{
		"none":            {[]finding.Finding{{}}, "", ""},
		"a record":        {[]finding.Finding{{}, one, why}, "v=DMARC1; p=none", ""},
		"no record":       {[]finding.Finding{why, one}, "", "two records"},
		"behind the last": {[]finding.Finding{one, {}}, "v=DMARC1; p=none", ""},
	} {
		d := Domain{Findings: c.found}
		if text, why := d.AmendedDMARC(); text.Raw() != c.text || why != c.why {
			t.Errorf("%s: %q, %q", name, text.Raw(), why)
		}
	}
}

// TestResult: a domain fails with findings that are as severe as asked for, fail
// and are not old; what is open makes it inconclusive.
func TestResult(t *testing.T) {
	t.Parallel()
	of := func(s finding.Status, severity finding.Severity) finding.Finding {
		return finding.Finding{Status: s, Severity: severity}
	}
	old := of(finding.Fail, finding.Error)
	old.Standing = true
	open := of(finding.Inconclusive, finding.Error)
	for name, c := range map[string]struct {
		found  []finding.Finding
		failOn finding.Severity
		want   finding.Status
	}{
		"nothing":               {nil, finding.Note, finding.Pass},
		"an error":              {[]finding.Finding{of(finding.Fail, finding.Error)}, finding.Error, finding.Fail},
		"a warning":             {[]finding.Finding{of(finding.Fail, finding.Warning)}, finding.Error, finding.Pass},
		"a warning, with those": {[]finding.Finding{of(finding.Fail, finding.Warning)}, finding.Warning, finding.Fail},
		"never":                 {[]finding.Finding{of(finding.Fail, finding.Error)}, 0, finding.Pass},
		"ignored":               {[]finding.Finding{of(finding.Ignored, finding.Error)}, finding.Error, finding.Pass},
		"old":                   {[]finding.Finding{old}, finding.Error, finding.Pass},
		"open":                  {[]finding.Finding{open}, finding.Error, finding.Inconclusive},
		"open, and an error":    {[]finding.Finding{open, of(finding.Fail, finding.Error)}, finding.Error, finding.Fail},
	} {
		d := Domain{Findings: c.found}
		if got := d.Result(c.failOn); got != c.want {
			t.Errorf("%s: %s", name, got)
		}
	}
}
