package record_test

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/untrusted"
)

func TestParseName(t *testing.T) {
	label := strings.Repeat("a", 63)
	for in, want := range map[string]string{
		"Example.COM.":                  "example.com",
		"example.com":                   "example.com",
		".":                             ".",
		"_amazonses.x":                  "_amazonses.x",
		"*.x":                           "*.x",
		`a\.b.c`:                        `a\046b.c`,
		`a\046b.c`:                      `a\046b.c`,
		`##[error].x`:                   `\035\035\091error\093.x`,
		`<script>.x`:                    `\060script\062.x`,
		`a\010::b.x`:                    `a\010\058\058b.x`,
		`end\.`:                         `end\046`,
		label + ".x":                    label + ".x",
		"":                              "empty label",
		"a..b":                          "empty label",
		".a":                            "empty label",
		label + "a.x":                   "label of more than 63 bytes",
		`a\25`:                          `bad \ escape`,
		`a\256`:                         `bad \ escape`,
		`a\`:                            `bad \ escape`,
		"münchen.de":                    "character outside ASCII",
		strings.Repeat("a.", 126) + "a": strings.Repeat("a.", 126) + "a",
		strings.Repeat("a.", 127) + "a": "name of more than 255 bytes",
	} {
		got, err := record.ParseName(in)
		s := string(got)
		if err != nil {
			s = err.Error()
		}
		if s != want {
			t.Errorf("%q\n got %s\nwant %s", in, s, want)
		}
	}
}

func TestNameRelations(t *testing.T) {
	n := record.MustName("a.example.com")
	for _, c := range []struct {
		what      string
		got, want any
	}{
		{"in itself", n.In(n), true},
		{"below itself", n.Below(n), false},
		{"below its parent", n.Below("example.com"), true},
		{"below a longer label", record.Name("aexample.com").Below("example.com"), false},
		{"in the root", n.In(record.Root), true},
		{"the root below itself", record.Root.Below(record.Root), false},
		{"parent", n.Parent(), record.Name("example.com")},
		{"parent of a top-level name", record.Name("com").Parent(), record.Root},
		{"parent of the root", record.Root.Parent(), record.Root},
		{"child of the root", record.Root.Child("com"), record.Name("com")},
		{"labels", n.Labels(), 3},
		{"labels of the root", record.Root.Labels(), 0},
		{"first label", n.FirstLabel(), "a"},
		{"fqdn", n.FQDN(), "a.example.com."},
		{"fqdn of the root", record.Root.FQDN(), "."},
		{"plain", n.Plain(), true},
		{"not plain", record.Name(`a\046b`).Plain(), false},
	} {
		if c.got != c.want {
			t.Errorf("%s: %v", c.what, c.got)
		}
	}
}

// FuzzName: a Name is printable, means nothing to anybody, and parses to
// itself.
func FuzzName(f *testing.F) {
	f.Add(`##[error]<b>|a\.b.c\000`)
	f.Fuzz(func(t *testing.T, in string) {
		n, err := record.ParseName(in)
		if err != nil {
			return
		}
		for _, c := range []byte(n) {
			if c <= ' ' || c > '~' || strings.IndexByte("<>|`\"'#[]:;&$", c) >= 0 {
				t.Fatalf("%q holds %q", n, c)
			}
		}
		if again, err := record.ParseName(string(n)); err != nil || again != n {
			t.Fatalf("%q parses to %q, %v", n, again, err)
		}
	})
}

func TestRecordString(t *testing.T) {
	for want, r := range map[string]record.Record{
		`"a" "b\"c"`: {Type: record.TXT, Strings: []untrusted.Text{untrusted.New("a"), untrusted.New(`b"c`)}},
		"10 mail.x.": {Type: record.MX, Preference: 10, Host: "mail.x"},
		"0 .":        {Type: record.MX, Host: record.Root},
		"x.y.":       {Type: record.CNAME, Host: "x.y"},
		"192.0.2.1":  {Type: record.A, Addr: netip.MustParseAddr("192.0.2.1")},
	} {
		if got := r.String(); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestSame(t *testing.T) {
	mx := func(hosts ...record.Name) record.Answer {
		a := record.Answer{Status: record.Found}
		for _, h := range hosts {
			a.Records = append(a.Records, record.Record{Type: record.MX, Host: h})
		}
		record.Sort(a.Records)
		return a
	}
	if !mx("a", "b").Same(mx("b", "a")) {
		t.Error("order matters")
	}
	if mx("a").Same(mx("a", "b")) || mx("a").Same(record.Answer{Status: record.NoData}) {
		t.Error("different answers are the same")
	}
	other := mx("a")
	other.TTL, other.Server = 7, "elsewhere"
	if !mx("a").Same(other) {
		t.Error("server and TTL matter")
	}
}

// TestZeroAnswer: what nobody has answered is unknown, and not absent.
func TestZeroAnswer(t *testing.T) {
	var a record.Answer
	if a.Status != record.Unknown || a.Absent() {
		t.Errorf("zero answer: %s, absent %v", a.Status, a.Absent())
	}
}

func TestFailure(t *testing.T) {
	q := record.Question{Name: "example.com", Type: record.TXT}
	for _, c := range []struct {
		want string
		f    record.Failure
	}{
		{"ask 192.0.2.53:53 for TXT example.com: timeout after 3 tries", record.Failure{Question: q, Fault: record.Timeout, Server: "192.0.2.53:53", Tries: 3}},
		{`ask 192.0.2.53:53 for TXT example.com: SERVFAIL (EDE 6 DNSSEC Bogus "x\010y")`, record.Failure{Question: q, Fault: record.BadRcode, Rcode: "SERVFAIL", Server: "192.0.2.53:53", Tries: 1, EDE: []record.EDE{{Code: 6, Name: "DNSSEC Bogus", Text: untrusted.New("x\ny")}}}},
		{"ask for TXT example.com: offline, and no zone file holds this name", record.Failure{Question: q, Fault: record.Offline}},
	} {
		if diff := cmp.Diff(c.want, c.f.Error()); diff != "" {
			t.Error(diff)
		}
	}
}
