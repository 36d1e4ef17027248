package check

import (
	"strings"
	"testing"

	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/spf"
	"github.com/sescheck/sescheck/internal/untrusted"
)

// TestAlign: every combination of what the two legs can come to.
func TestAlign(t *testing.T) {
	t.Parallel()
	const domain, bounce record.Name = "example.com", "bounce.example.com"
	policy := func(aspf string) *DMARCPicture { return &DMARCPicture{State: Right, ASPF: aspf} }
	token := func(names ...string) *config.DKIM {
		k := &config.DKIM{}
		for _, n := range names {
			k.Tokens = append(k.Tokens, config.At[string]{Value: n})
		}
		return k
	}
	key := func(token string, s State) DKIMPicture {
		return DKIMPicture{Selector: token, Name: record.Name(token + "._domainkey.example.com"), State: s}
	}
	from := &config.MailFrom{Name: config.At[record.Name]{Value: bounce}}
	mx := func(s State) []MailFromPicture { return []MailFromPicture{{Name: bounce, State: s}} }
	ses := func(s State) []SPFPicture { return []SPFPicture{{Name: domain, SES: Wrong}, {Name: bounce, SES: s}} }
	for name, c := range map[string]struct {
		id      config.Identity
		open    bool
		picture Picture
		result  string
		legs    string
		has     string
	}{
		"both":            {config.Identity{DKIM: token("a"), MailFrom: from}, false, Picture{DMARC: policy("r"), DKIM: []DKIMPicture{key("a", Right)}, MailFrom: mx(Right), SPF: ses(Right)}, "pass", "dkim spf", "passes DMARC by DKIM and by SPF"},
		"one key of two":  {config.Identity{DKIM: token("a", "b")}, false, Picture{DMARC: policy("r"), DKIM: []DKIMPicture{key("a", Right), key("b", Missing)}}, "pass", "dkim", "1 of 2 are known to"},
		"keys of others":  {config.Identity{DKIM: token("a")}, false, Picture{DMARC: policy("r"), DKIM: []DKIMPicture{key("a", Wrong), key("b", Right)}}, "fail", "", "no key answers"},
		"unanswered key":  {config.Identity{DKIM: token("a")}, false, Picture{DMARC: policy("r"), DKIM: []DKIMPicture{key("a", Unknown)}}, "unknown", "", "not every key was answered"},
		"unsigned":        {config.Identity{DKIM: &config.DKIM{None: true}}, false, Picture{DMARC: policy("r")}, "fail", "", "cannot pass DMARC: not by DKIM, since SES does not sign it; not by SPF"},
		"strict":          {config.Identity{DKIM: &config.DKIM{None: true}, MailFrom: from}, false, Picture{DMARC: policy("s"), MailFrom: mx(Right), SPF: ses(Right)}, "fail", "", "does not align under aspf=s"},
		"MX wrong":        {config.Identity{DKIM: &config.DKIM{None: true}, MailFrom: from}, false, Picture{DMARC: policy("r"), MailFrom: mx(Wrong), SPF: ses(Right)}, "fail", "", "the MX of bounce.example.com is not in order"},
		"MX unanswered":   {config.Identity{DKIM: &config.DKIM{None: true}, MailFrom: from}, false, Picture{DMARC: policy("r"), MailFrom: mx(Unknown), SPF: ses(Right)}, "unknown", "", "not every question about bounce.example.com"},
		"SPF wrong":       {config.Identity{DKIM: &config.DKIM{None: true}, MailFrom: from}, false, Picture{DMARC: policy("r"), MailFrom: mx(Right), SPF: ses(Wrong)}, "fail", "", "does not pass by the record of bounce.example.com"},
		"SPF unanswered":  {config.Identity{DKIM: &config.DKIM{None: true}, MailFrom: from}, false, Picture{DMARC: policy("r"), MailFrom: mx(Right), SPF: ses(Unknown)}, "unknown", "", "not every question about bounce.example.com"},
		"not listed":      {config.Identity{MailFrom: from}, false, Picture{DMARC: policy("r"), MailFrom: mx(Wrong), SPF: ses(Right)}, "unknown", "", "passes DMARC if SES signs it with DKIM"},
		"nothing given":   {config.Identity{}, true, Picture{DMARC: policy("r")}, "unknown", "", "if SES signs it with DKIM, or if it has a MAIL FROM domain below example.com"},
		"strict, nothing": {config.Identity{}, true, Picture{DMARC: policy("s")}, "unknown", "", "a custom MAIL FROM domain is a name below it"},
		"no policy":       {config.Identity{DKIM: token("a")}, false, Picture{DMARC: &DMARCPicture{State: Missing}, DKIM: []DKIMPicture{key("a", Right)}}, "none", "dkim", "with one, mail of example.com through SES would pass by DKIM"},
		"invalid policy":  {config.Identity{DKIM: token("a")}, false, Picture{DMARC: &DMARCPicture{State: Wrong}, DKIM: []DKIMPicture{key("a", Missing)}}, "none", "", "no DMARC policy takes effect"},
		"no answer":       {config.Identity{DKIM: token("a")}, false, Picture{DMARC: &DMARCPicture{State: Unknown}, DKIM: []DKIMPicture{key("a", Right)}}, "unknown", "", "the question for the policy has no certain answer"},
	} {
		d := &config.Domain{Name: domain, Open: c.open, Identities: []config.Identity{c.id}}
		d.Identities[0].Region.Value = "eu-west-1"
		all := align(d, &c.picture)
		if len(all) != 1 {
			t.Errorf("%s: %d sentences", name, len(all))
			continue
		}
		if a := all[0]; a.Result != c.result || strings.Join(a.Legs, " ") != c.legs || !strings.Contains(a.Sentence, c.has) || strings.Contains(a.Sentence, "%") {
			t.Errorf("%s: %s by %v: %s", name, a.Result, a.Legs, a.Sentence)
		}
	}
	if all := align(&config.Domain{Name: domain, Identities: []config.Identity{{}}}, &Picture{DMARC: policy("r")}); len(all) > 0 {
		t.Errorf("without an identity: %q", all)
	}
	if all := align(&config.Domain{Name: domain, Open: true, Identities: []config.Identity{{}}}, &Picture{}); len(all) > 0 {
		t.Errorf("without DMARC: %q", all)
	}
}

// TestSESPasses: whether a receiver comes to amazonses.com, reading from left
// to right, before something else ends it.
func TestSESPasses(t *testing.T) {
	t.Parallel()
	many := strings.Repeat("a:x.example.com ", 10)
	for name, c := range map[string]struct {
		txt  map[record.Name]string // "" fails
		want State
	}{
		"the include":            {map[record.Name]string{"d.example": "v=spf1 include:amazonses.com ~all"}, Right},
		"behind all":             {map[record.Name]string{"d.example": "v=spf1 ~all include:amazonses.com"}, Wrong},
		"not there":              {map[record.Name]string{"d.example": "v=spf1 ip4:192.0.2.1 -all"}, Wrong},
		"everybody":              {map[record.Name]string{"d.example": "v=spf1 +all"}, Right},
		"neutral":                {map[record.Name]string{"d.example": "v=spf1 ?include:amazonses.com +all"}, Wrong},
		"in an include":          {map[record.Name]string{"d.example": "v=spf1 include:v.example -all", "v.example": "v=spf1 include:amazonses.com ?all"}, Right},
		"in a redirect":          {map[record.Name]string{"d.example": "v=spf1 redirect=v.example", "v.example": "v=spf1 include:amazonses.com ?all"}, Right},
		"in a failing include":   {map[record.Name]string{"d.example": "v=spf1 -include:v.example +all", "v.example": "v=spf1 include:amazonses.com ?all"}, Wrong},
		"tenth":                  {map[record.Name]string{"d.example": "v=spf1 " + many[:9*16] + "include:amazonses.com -all"}, Right},
		"eleventh":               {map[record.Name]string{"d.example": "v=spf1 " + many + "include:amazonses.com -all"}, Wrong},
		"after a broken include": {map[record.Name]string{"d.example": "v=spf1 include:none.example include:amazonses.com -all"}, Wrong},
		"before a broken one":    {map[record.Name]string{"d.example": "v=spf1 include:amazonses.com include:none.example -all"}, Right},
		"after a loop":           {map[record.Name]string{"d.example": "v=spf1 include:d.example include:amazonses.com -all"}, Wrong},
		"behind no answer":       {map[record.Name]string{"d.example": "v=spf1 include:v.example -all", "v.example": ""}, Unknown},
		"no answer":              {map[record.Name]string{"d.example": ""}, Unknown},
		"a syntax error":         {map[record.Name]string{"d.example": "v=spf1 include:amazonses.com ip4:x -all"}, Wrong},
		"no record":              {map[record.Name]string{}, Wrong},
	} {
		ask := &world{answer: func(q record.Question, _ bool) record.Answer {
			text, ok := c.txt[q.Name]
			switch {
			case !ok || q.Type != record.TXT:
				return absent(q, record.NoData)
			case text == "":
				return failing(q)
			}
			return record.Answer{Question: q, Status: record.Found, Records: []record.Record{{Type: record.TXT, Strings: []untrusted.Text{untrusted.New(text)}}}}
		}}
		tree := spf.NewForest(t.Context(), ask).Walk(t.Context(), ask, "d.example")
		if got := sesPasses(tree.Root); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}
