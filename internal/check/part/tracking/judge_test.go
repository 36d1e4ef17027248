package tracking

import (
	"testing"

	"github.com/sescheck/sescheck/internal/check/finding"
	"github.com/sescheck/sescheck/internal/check/part"
	"github.com/sescheck/sescheck/internal/check/part/judgetest"
)

func TestJudgeTracking(t *testing.T) {
	t.Parallel()
	const (
		file = "region: eu-west-1, tracking: click"
		cdn  = "region: eu-west-1, tracking: {name: click, target: d111.cloudfront.net}"
		want = "\n+click CNAME r.eu-west-1.awstrack.me."
	)
	judgetest.Judged(t, &Part, []*finding.Check{part.NameDoubled}, []judgetest.Row{
		{
			What: "no CNAME, and a region that the table does not know",
			File: "region: eu-west-9, tracking: click", Live: "@ A 192.0.2.1",
			Want: []judgetest.Found{{Check: Missing, Says: "no CNAME record at click.example.com", Change: judgetest.Unchanged}},
		}, {
			What: "no CNAME, a target, and a region that the table does not know",
			File: "region: eu-west-9, tracking: {name: click, target: d1.cloudfront.net}", Live: "@ A 192.0.2.1",
			Want: []judgetest.Found{{Check: Missing, Change: "+click CNAME d1.cloudfront.net."}},
		},
		{
			What: "the CNAME",
			File: file, Live: "click CNAME r.eu-west-1.awstrack.me.",
			Near: []*finding.Check{Missing, Wrong},
		}, {
			What: "nothing",
			File: file, Live: "www A 192.0.2.1",
			Want: []judgetest.Found{{Check: Missing, Subject: "click.example.com", Says: "no CNAME record at click.example.com", Change: want}},
			Near: []*finding.Check{part.NameDoubled},
		}, {
			What: "other types only",
			File: file, Live: "click TXT x",
			Want: []judgetest.Found{{Check: Missing, Says: "it has records of type TXT, and a CNAME shares its name with no other record", Change: "-click TXT x" + want}},
			Near: []*finding.Check{Wrong},
		}, {
			What: "two other types",
			File: file, Live: "click TXT x\nclick MX 10 mx.example.net.",
			Want: []judgetest.Found{{Check: Missing, Says: "it has records of type MX and TXT", Change: judgetest.Unchanged}},
		}, {
			What: "mail is received there",
			File: file, Live: "click MX 10 mx.example.net.",
			Want: []judgetest.Found{{Check: Missing, Says: "click.example.com receives mail at mx.example.net. Choose another tracking name.", Change: judgetest.Unchanged}},
		}, {
			What: "other types of a wildcard",
			File: file, Live: "* TXT x\n* MX 10 mx.example.net.",
			Want: []judgetest.Found{{Check: Missing, Says: "no CNAME record at click.example.com\n", Change: want}},
		}, {
			What: "no answer for other types",
			File: file, Live: "click TXT TIMEOUT\nclick MX TIMEOUT",
			Want: []judgetest.Found{{Check: Missing, Change: want}},
		}, {
			What: "no answer",
			File: file, Live: "click CNAME TIMEOUT",
			Want: judgetest.Inconclusive(Missing, Wrong),
		}, {
			What: "no CNAME, and no answer for one kind of address",
			File: file, Live: "click AAAA TIMEOUT",
			Want: judgetest.Inconclusive(Missing, Wrong),
		}, {
			What: "another host",
			File: file, Live: "click CNAME www.example.net.\nexample.net. TXT x",
			Want: []judgetest.Found{{Check: Wrong, Says: "if a CDN is there on purpose", Change: judgetest.Unchanged}},
		}, {
			What: "a name that a company gives to its users",
			File: file, Live: "click CNAME d111.cloudfront.net.\ncloudfront.net. TXT x",
			Want: []judgetest.Found{{Check: Wrong, Says: "if a CDN is there on purpose", Change: judgetest.Unchanged}},
		}, {
			What: "a host in a domain that nobody has registered",
			File: file, Live: "click CNAME www.lapsed.test.",
			Want: []judgetest.Found{{Check: Wrong, Says: "nobody has registered lapsed.test: anybody can register it and take over click.example.com", Change: "-click CNAME www.lapsed.test." + want}},
		}, {
			What: "another host, and no answer about its domain",
			File: file, Live: "click CNAME www.example.net.\nexample.net. SOA TIMEOUT",
			Want: []judgetest.Found{{Check: Wrong, Says: "if a CDN is there on purpose", Change: judgetest.Unchanged}},
		}, {
			What: "the host of another region",
			File: file, Live: "click CNAME r.us-east-1.awstrack.me.",
			Want: []judgetest.Found{{Check: Wrong, Says: "points to r.us-east-1.awstrack.me", Change: "-click CNAME r.us-east-1.awstrack.me." + want}},
		}, {
			What: "the host with the zone behind it",
			File: file, Live: "click CNAME r.eu-west-1.awstrack.me",
			Want: []judgetest.Found{{Check: Wrong, Says: "the provider appended the zone to it", Change: "-click CNAME r.eu-west-1.awstrack.me" + want}},
		}, {
			What: "an address",
			File: file, Live: "click A 192.0.2.1",
			Want: []judgetest.Found{{Check: Wrong, Says: "it is proxied, flattened, or another server", Change: judgetest.Unchanged}},
			Near: []*finding.Check{Missing},
		}, {
			What: "the CNAME to a CDN",
			File: cdn, Live: "click CNAME d111.cloudfront.net.",
			Near: []*finding.Check{Wrong},
		}, {
			What: "an alias record of a CDN",
			File: cdn, Live: "click AAAA 2001:db8::1",
			Near: []*finding.Check{Missing, Wrong},
		}, {
			What: "an alias record of a CDN, and no answer for the other kind of address",
			File: cdn, Live: "click AAAA 2001:db8::1\nclick A TIMEOUT",
			Near: []*finding.Check{Missing, Wrong},
		}, {
			What: "no CDN",
			File: cdn, Live: "www A 192.0.2.1",
			Want: []judgetest.Found{{Check: Missing, Change: "+click CNAME d111.cloudfront.net."}},
		}, {
			What: "at the name with the domain twice",
			File: file, Live: "click.example.com CNAME r.eu-west-1.awstrack.me.",
			Want: []judgetest.Found{{Check: part.NameDoubled, Says: "stands at click.example.com.example.com", Change: "-click.example.com CNAME r.eu-west-1.awstrack.me." + want}},
		}, {
			What: "at the name with the domain twice, and the domain behind its target",
			File: file, Live: "click.example.com CNAME r.eu-west-1.awstrack.me",
			Want: []judgetest.Found{{Check: part.NameDoubled, Says: "also to its value", Change: "-click.example.com CNAME r.eu-west-1.awstrack.me" + want}},
			Near: []*finding.Check{Missing},
		}, {
			What: "at the name with the domain twice, and another domain behind its target",
			File: file, Live: "click.example.com CNAME r.eu-west-1.awstrack.me.example.net.",
			Want: []judgetest.Found{{Check: Missing, Change: want}},
			Near: []*finding.Check{part.NameDoubled},
		}, {
			What: "another host at the name with the domain twice",
			File: file, Live: "click.example.com CNAME www.example.net.",
			Want: []judgetest.Found{{Check: Missing}},
			Near: []*finding.Check{part.NameDoubled},
		}, {
			What: "no answer at the name with the domain twice",
			File: file, Live: "click.example.com CNAME TIMEOUT",
			Want: []judgetest.Found{{Check: Missing}, {Check: part.NameDoubled, Open: true}},
		},
	})
}
