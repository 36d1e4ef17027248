package domain

import (
	"testing"

	"github.com/sescheck/sescheck/internal/check/finding"
	"github.com/sescheck/sescheck/internal/check/part/judgetest"
)

func TestJudgeDomain(t *testing.T) {
	t.Parallel()
	const apex = "@ SOA ns.example.com. admin.example.com. 1 1 1 1 1\n"
	judgetest.Judged(t, &Part, nil, []judgetest.Row{
		{
			What: "it exists",
			File: "region: eu-west-1", Live: apex,
			Near: []*finding.Check{NotFound, RegionUnknown},
		}, {
			What: "it has no SOA, but something below it",
			File: "region: eu-west-1", Live: "www A 192.0.2.1",
			Near: []*finding.Check{NotFound},
		}, {
			What: "nobody has registered it",
			File: "region: eu-west-1", Live: "www.example.net. A 192.0.2.1",
			Want: []judgetest.Found{{Check: NotFound, Says: "example.com does not exist: DNS answers NXDOMAIN", Change: judgetest.Unchanged}},
		}, {
			What: "no answer",
			File: "region: eu-west-1", Live: "@ SOA TIMEOUT",
			Want: judgetest.Inconclusive(NotFound),
		}, {
			What: "a region that is misspelt",
			File: "region: eu-wset-1", Live: apex,
			Want: []judgetest.Found{{Check: RegionUnknown, Subject: "eu-wset-1", Says: "did you mean eu-west-1?"}},
		}, {
			What: "a region that is like none",
			File: "region: xx-abcdefghi-9", Live: apex,
			Want: []judgetest.Found{{Check: RegionUnknown, Subject: "xx-abcdefghi-9", Says: "is not known to send"}},
		}, {
			What: "a region of China",
			File: "region: cn-north-1", Live: apex,
			Want: []judgetest.Found{{Check: RegionUnknown, Subject: "cn-north-1", Says: "AWS does not offer it in China"}},
		}, {
			What: "both, of two identities",
			File: "identities: [{region: eu-wset-1}, {region: us-east-1}, {region: us-esat-1}]",
			Want: []judgetest.Found{
				{Check: NotFound},
				{Check: RegionUnknown, Subject: "eu-wset-1"},
				{Check: RegionUnknown, Subject: "us-esat-1", Says: "did you mean us-east-1?"},
			},
		}, {
			What: "nobody has registered the domain above",
			File: "region: eu-west-1", Domain: "mail.example.com", Live: "www.example.net. A 192.0.2.1",
			Want: []judgetest.Found{{Check: NotFound, Says: "DNS answers NXDOMAIN, and so mail.example.com cannot exist either"}},
		}, {
			What: "the name does not exist, and the domain above does",
			File: "region: eu-west-1", Domain: "mail.example.com", Live: apex,
			Near: []*finding.Check{NotFound},
		},
	})
}
