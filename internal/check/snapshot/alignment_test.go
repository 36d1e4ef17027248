package snapshot

import (
	"strings"
	"testing"

	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/record"
)

// TestAlign: every combination of what the two legs can come to.
func TestAlign(t *testing.T) {
	t.Parallel()
	const domain, bounce record.Name = "example.com", "bounce.example.com"
	policy := func(aspf string) *DMARC { return &DMARC{State: Right, ASPF: aspf} }
	token := func(names ...string) *config.DKIM {
		k := &config.DKIM{}
		for _, n := range names {
			k.Tokens = append(k.Tokens, config.At[string]{Value: n})
		}
		return k
	}
	key := func(token string, s State) DKIM {
		return DKIM{Selector: token, Name: record.Name(token + "._domainkey.example.com"), State: s}
	}
	from := &config.MailFrom{Name: config.At[record.Name]{Value: bounce}}
	mx := func(s State) []MailFrom { return []MailFrom{{Name: bounce, State: s}} }
	ses := func(s State) []SPF { return []SPF{{Name: domain, SES: Wrong}, {Name: bounce, SES: s}} }
	for name, c := range map[string]struct {
		id       config.Identity
		open     bool
		snapshot Snapshot
		result   string
		legs     string
		has      string
	}{
		"both":            {config.Identity{DKIM: token("a"), MailFrom: from}, false, Snapshot{DMARC: policy("r"), DKIM: []DKIM{key("a", Right)}, MailFrom: mx(Right), SPF: ses(Right)}, "pass", "dkim spf", "passes DMARC by DKIM and by SPF"},
		"one key of two":  {config.Identity{DKIM: token("a", "b")}, false, Snapshot{DMARC: policy("r"), DKIM: []DKIM{key("a", Right), key("b", Missing)}}, "pass", "dkim", "1 of 2 are known to"},
		"keys of others":  {config.Identity{DKIM: token("a")}, false, Snapshot{DMARC: policy("r"), DKIM: []DKIM{key("a", Wrong), key("b", Right)}}, "fail", "", "there is no key"},
		"unanswered key":  {config.Identity{DKIM: token("a")}, false, Snapshot{DMARC: policy("r"), DKIM: []DKIM{key("a", Unknown)}}, "unknown", "", "not all queries were answered"},
		"unsigned":        {config.Identity{DKIM: &config.DKIM{None: true}}, false, Snapshot{DMARC: policy("r")}, "fail", "", "cannot pass DMARC: not by DKIM, because SES does not sign it; not by SPF"},
		"strict":          {config.Identity{DKIM: &config.DKIM{None: true}, MailFrom: from}, false, Snapshot{DMARC: policy("s"), MailFrom: mx(Right), SPF: ses(Right)}, "fail", "", "does not align with aspf=s"},
		"MX wrong":        {config.Identity{DKIM: &config.DKIM{None: true}, MailFrom: from}, false, Snapshot{DMARC: policy("r"), MailFrom: mx(Wrong), SPF: ses(Right)}, "fail", "", "the MX of bounce.example.com is wrong"},
		"MX unanswered":   {config.Identity{DKIM: &config.DKIM{None: true}, MailFrom: from}, false, Snapshot{DMARC: policy("r"), MailFrom: mx(Unknown), SPF: ses(Right)}, "unknown", "", "not all queries about bounce.example.com"},
		"SPF wrong":       {config.Identity{DKIM: &config.DKIM{None: true}, MailFrom: from}, false, Snapshot{DMARC: policy("r"), MailFrom: mx(Right), SPF: ses(Wrong)}, "fail", "", "the SPF record of bounce.example.com does not pass mail from SES"},
		"SPF unanswered":  {config.Identity{DKIM: &config.DKIM{None: true}, MailFrom: from}, false, Snapshot{DMARC: policy("r"), MailFrom: mx(Right), SPF: ses(Unknown)}, "unknown", "", "it is not known whether the SPF record of bounce.example.com passes"},
		"not listed":      {config.Identity{MailFrom: from}, false, Snapshot{DMARC: policy("r"), MailFrom: mx(Wrong), SPF: ses(Right)}, "unknown", "", "passes DMARC if SES signs it with DKIM"},
		"nothing given":   {config.Identity{}, true, Snapshot{DMARC: policy("r")}, "unknown", "", "if SES signs it with DKIM, or if it has a MAIL FROM domain below example.com"},
		"strict, nothing": {config.Identity{}, true, Snapshot{DMARC: policy("s")}, "unknown", "", "a custom MAIL FROM domain is a subdomain"},
		"no policy":       {config.Identity{DKIM: token("a")}, false, Snapshot{DMARC: &DMARC{State: Missing}, DKIM: []DKIM{key("a", Right)}}, "none", "dkim", "with one, mail of example.com through SES would pass by DKIM"},
		"invalid policy":  {config.Identity{DKIM: token("a")}, false, Snapshot{DMARC: &DMARC{State: Wrong}, DKIM: []DKIM{key("a", Missing)}}, "none", "", "there is no DMARC policy for"},
		"no answer":       {config.Identity{DKIM: token("a")}, false, Snapshot{DMARC: &DMARC{State: Unknown}, DKIM: []DKIM{key("a", Right)}}, "unknown", "", "there is no certain answer about the policy"},
	} {
		d := &config.Domain{Name: domain, Open: c.open, Identities: []config.Identity{c.id}}
		d.Identities[0].Region.Value = "eu-west-1"
		all := Align(d, &c.snapshot)
		if len(all) != 1 {
			t.Errorf("%s: %d sentences", name, len(all))
			continue
		}
		if a := all[0]; a.Result != c.result || strings.Join(a.Legs, " ") != c.legs || !strings.Contains(a.Sentence, c.has) || strings.Contains(a.Sentence, "%") {
			t.Errorf("%s: %s by %v: %s", name, a.Result, a.Legs, a.Sentence)
		}
	}
	if all := Align(&config.Domain{Name: domain, Identities: []config.Identity{{}}}, &Snapshot{DMARC: policy("r")}); len(all) > 0 {
		t.Errorf("without an identity: %q", all)
	}
	if all := Align(&config.Domain{Name: domain, Open: true, Identities: []config.Identity{{}}}, &Snapshot{}); len(all) > 0 {
		t.Errorf("without DMARC: %q", all)
	}
}
