package mailfrom

import (
	"testing"

	"github.com/sescheck/sescheck/internal/check/finding"
	"github.com/sescheck/sescheck/internal/check/part/judgetest"
	"github.com/sescheck/sescheck/internal/check/snapshot"
	"github.com/sescheck/sescheck/internal/record"
)

// TestShow: how the MX of a MAIL FROM domain is shown: it is right if it is one, and
// that of the region.
func TestShow(t *testing.T) {
	t.Parallel()
	f := judgetest.Parse(t, "version: 1\ndomains:\n  example.com: {region: eu-west-1, mail_from: bounce}\n")
	w := Part.Wants(&f.Domains[0])[0]
	const right, other = "feedback-smtp.eu-west-1.amazonses.com", "feedback-smtp.us-east-1.amazonses.com"
	for name, c := range map[string]struct {
		answer record.Answer
		hosts  []record.Name
		state  snapshot.State
		region string
	}{
		"right":        {record.Answer{Status: record.Found}, []record.Name{right}, snapshot.Right, "eu-west-1"},
		"another":      {record.Answer{Status: record.Found}, []record.Name{other}, snapshot.Wrong, "us-east-1"},
		"two":          {record.Answer{Status: record.Found}, []record.Name{right, other}, snapshot.Wrong, ""},
		"none":         {record.Answer{Status: record.NoData}, nil, snapshot.Missing, ""},
		"not answered": {record.Answer{}, nil, snapshot.Unknown, ""},
		"by a CNAME":   {record.Answer{Status: record.Found, Chain: []record.Name{"x.test", "y.test"}}, []record.Name{right}, snapshot.Right, "eu-west-1"},
	} {
		c.answer.Question = record.Question{Name: "bounce.example.com", Type: record.MX}
		for _, h := range c.hosts {
			c.answer.Records = append(c.answer.Records, record.Record{Type: record.MX, Host: h})
		}
		var p snapshot.Snapshot
		show(w, seen{mx: c.answer}, &p)
		got := p.MailFrom[0]
		if got.State != c.state || got.Region != c.region || got.Name != "bounce.example.com" || (got.CNAME == "x.test") != (len(c.answer.Chain) > 0) {
			t.Errorf("%s: %+v", name, got)
		}
		for check, back := range map[*finding.Check]bool{MXMissing: true, MXWrong: false} {
			p.MailFrom[0].State = snapshot.Missing
			doubt(finding.Finding{Check: check, Record: c.answer.Question}, &p)
			doubt(finding.Finding{Check: MXMissing, Record: record.Question{Name: "mail.example.com"}}, &p)
			if (p.MailFrom[0].State == snapshot.Unknown) != back {
				t.Errorf("%s, in doubt for %s: %s", name, check, p.MailFrom[0].State)
			}
		}
	}
}
