package check

import "testing"

func TestJudgeDomain(t *testing.T) {
	t.Parallel()
	const apex = "@ SOA ns.example.com. admin.example.com. 1 1 1 1 1\n"
	judged(t, &domainPart, nil, []row{
		{
			what: "it exists",
			file: "region: eu-west-1", live: apex,
			near: []*Check{DomainNotFound, RegionUnknown},
		}, {
			what: "it has no SOA, but something below it",
			file: "region: eu-west-1", live: "www A 192.0.2.1",
			near: []*Check{DomainNotFound},
		}, {
			what: "nobody has registered it",
			file: "region: eu-west-1", live: "www.example.net. A 192.0.2.1",
			want: []found{{check: DomainNotFound, says: "example.com does not exist: DNS answers NXDOMAIN", change: unchanged}},
		}, {
			what: "no answer",
			file: "region: eu-west-1", live: "@ SOA TIMEOUT",
			want: inconclusive(DomainNotFound),
		}, {
			what: "a region that is misspelt",
			file: "region: eu-wset-1", live: apex,
			want: []found{{check: RegionUnknown, subject: "eu-wset-1", says: "did you mean eu-west-1?"}},
		}, {
			what: "a region that is like none",
			file: "region: xx-abcdefghi-9", live: apex,
			want: []found{{check: RegionUnknown, subject: "xx-abcdefghi-9", says: "is not known to send"}},
		}, {
			what: "a region of China",
			file: "region: cn-north-1", live: apex,
			want: []found{{check: RegionUnknown, subject: "cn-north-1", says: "AWS does not offer it in China"}},
		}, {
			what: "both, of two identities",
			file: "identities: [{region: eu-wset-1}, {region: us-east-1}, {region: us-esat-1}]",
			want: []found{
				{check: DomainNotFound},
				{check: RegionUnknown, subject: "eu-wset-1"},
				{check: RegionUnknown, subject: "us-esat-1", says: "did you mean us-east-1?"},
			},
		}, {
			what: "nobody has registered the domain above",
			file: "region: eu-west-1", domain: "mail.example.com", live: "www.example.net. A 192.0.2.1",
			want: []found{{check: DomainNotFound, says: "DNS answers NXDOMAIN, and so mail.example.com cannot exist either"}},
		}, {
			what: "the name does not exist, and the domain above does",
			file: "region: eu-west-1", domain: "mail.example.com", live: apex,
			near: []*Check{DomainNotFound},
		},
	})
}
