package check

import "testing"

func TestJudgeTracking(t *testing.T) {
	t.Parallel()
	const (
		file = "region: eu-west-1, tracking: click"
		cdn  = "region: eu-west-1, tracking: {name: click, target: d111.cloudfront.net}"
		want = "\n+click CNAME r.eu-west-1.awstrack.me."
	)
	judged(t, &trackingPart, []*Check{NameDoubled}, []row{
		{
			what: "the CNAME",
			file: file, live: "click CNAME r.eu-west-1.awstrack.me.",
			near: []*Check{TrackingMissing, TrackingWrong},
		}, {
			what: "nothing",
			file: file, live: "www A 192.0.2.1",
			want: []found{{check: TrackingMissing, subject: "click.example.com", says: "no CNAME record at click.example.com", change: want}},
			near: []*Check{NameDoubled},
		}, {
			what: "other types only",
			file: file, live: "click TXT x",
			want: []found{{check: TrackingMissing, change: want}},
			near: []*Check{TrackingWrong},
		}, {
			what: "no answer",
			file: file, live: "click CNAME TIMEOUT",
			want: inconclusive(TrackingMissing, TrackingWrong),
		}, {
			what: "no CNAME, and no answer for one kind of address",
			file: file, live: "click AAAA TIMEOUT",
			want: inconclusive(TrackingMissing, TrackingWrong),
		}, {
			what: "another host",
			file: file, live: "click CNAME www.example.net.",
			want: []found{{check: TrackingWrong, says: "if a CDN stands there on purpose", change: unchanged}},
		}, {
			what: "the host of another region",
			file: file, live: "click CNAME r.us-east-1.awstrack.me.",
			want: []found{{check: TrackingWrong, says: "points to r.us-east-1.awstrack.me", change: "-click CNAME r.us-east-1.awstrack.me." + want}},
		}, {
			what: "the host with the zone behind it",
			file: file, live: "click CNAME r.eu-west-1.awstrack.me",
			want: []found{{check: TrackingWrong, says: "the provider appended the zone to it", change: "-click CNAME r.eu-west-1.awstrack.me" + want}},
		}, {
			what: "an address",
			file: file, live: "click A 192.0.2.1",
			want: []found{{check: TrackingWrong, says: "it is proxied, flattened, or another server", change: unchanged}},
			near: []*Check{TrackingMissing},
		}, {
			what: "the CNAME to a CDN",
			file: cdn, live: "click CNAME d111.cloudfront.net.",
			near: []*Check{TrackingWrong},
		}, {
			what: "an alias record of a CDN",
			file: cdn, live: "click AAAA 2001:db8::1",
			near: []*Check{TrackingMissing, TrackingWrong},
		}, {
			what: "an alias record of a CDN, and no answer for the other kind of address",
			file: cdn, live: "click AAAA 2001:db8::1\nclick A TIMEOUT",
			near: []*Check{TrackingMissing, TrackingWrong},
		}, {
			what: "no CDN",
			file: cdn, live: "www A 192.0.2.1",
			want: []found{{check: TrackingMissing, change: "+click CNAME d111.cloudfront.net."}},
		}, {
			what: "at the name with the domain twice",
			file: file, live: "click.example.com CNAME r.eu-west-1.awstrack.me.",
			want: []found{{check: NameDoubled, says: "it stands at click.example.com.example.com", change: "-click.example.com CNAME r.eu-west-1.awstrack.me." + want}},
		}, {
			what: "another host at the name with the domain twice",
			file: file, live: "click.example.com CNAME www.example.net.",
			want: []found{{check: TrackingMissing}},
			near: []*Check{NameDoubled},
		}, {
			what: "no answer at the name with the domain twice",
			file: file, live: "click.example.com CNAME TIMEOUT",
			want: []found{{check: TrackingMissing}, {check: NameDoubled, open: true}},
		},
	})
}
