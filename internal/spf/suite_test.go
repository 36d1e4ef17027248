package spf

import (
	"errors"
	"io"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"gopkg.in/yaml.v3"

	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/untrusted"
)

// The test suites of RFC 7208 are read from the module that ships them. Its
// author marks cases to skip, since his library is meant to differ there; here
// every case runs.
const suiteModule = "blitiri.com.ar/go/spf"

type suite struct {
	Description string
	Tests       map[string]suiteCase
	Zone        map[string][]map[string]yaml.Node `yaml:"zonedata"`
}

type suiteCase struct {
	Helo, Host  string
	MailFrom    string `yaml:"mailfrom"`
	Receiver    string
	Result      words
	Explanation string
}

// words is a scalar or a list of them.
type words []string

func (w *words) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind == yaml.SequenceNode {
		return n.Decode((*[]string)(w))
	}
	*w = words{n.Value}
	return nil
}

// exception is a case whose author wants something else than RFC 7208 does.
type exception struct{ want, why string }

func TestSuites(t *testing.T) {
	unknown := exception{"neutral", "section 6: an unknown modifier is ignored"}
	tests := map[string]struct {
		cases      int
		exceptions map[string]exception
	}{
		"rfc7208-tests.yml": {203, nil},
		"rfc4408-tests.yml": {191, nil},
		"pyspf-tests.yml":   {16, map[string]exception{"default-modifier": unknown, "default-modifier-harsh": unknown}},
		"blitirispf-tests.yml": {83, map[string]exception{
			"resolution-with-10-lookups": {"permerror", "section 7.1: include:d11 is no domain-spec"},
		}},
	}
	for file, test := range tests {
		t.Run(file, func(t *testing.T) { runSuite(t, file, test.cases, test.exceptions) })
	}
}

func runSuite(t *testing.T, file string, cases int, exceptions map[string]exception) {
	ran, passed, excepted := 0, 0, 0
	for _, s := range readSuites(t, file) {
		w := s.world(t)
		for name, c := range s.Tests {
			x, ok := exceptions[name]
			if !ok && c.singleLabel() {
				x, ok = exception{"none", "section 4.3: the domain is no multi-label name"}, true
			}
			if ok && !slices.Contains(c.Result, x.want) {
				c.Result = words{x.want}
				excepted++
				t.Logf("%s: %s by %s", name, x.want, x.why)
			}
			ran++
			if t.Run(name, func(t *testing.T) { c.run(t, w) }) {
				passed++
			}
		}
	}
	t.Logf("%d of %d, %d of them declared exceptions", passed, ran, excepted)
	if ran != cases {
		t.Errorf("ran %d cases, want %d", ran, cases)
	}
}

// singleLabel reports whether the case is about a domain like "d00".
func (c suiteCase) singleLabel() bool {
	domain := c.MailFrom[strings.LastIndexByte(c.MailFrom, '@')+1:]
	if domain == "" {
		domain = c.Helo
	}
	return !strings.Contains(domain, ".")
}

func readSuites(t testing.TB, file string) []suite {
	t.Helper()
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", suiteModule).Output()
	dir := strings.TrimSpace(string(out))
	if err != nil || dir == "" {
		t.Fatalf("find the folder of %s: %v", suiteModule, err)
	}
	f, err := os.Open(filepath.Join(dir, "testdata", file))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var suites []suite
	for d := yaml.NewDecoder(f); ; {
		var s suite
		if err := d.Decode(&s); errors.Is(err, io.EOF) {
			return suites
		} else if err != nil {
			t.Fatal(err)
		}
		suites = append(suites, s)
	}
}

// world serves the zone data. Records of the obsolete type SPF count as TXT
// unless there is some, or `TXT: NONE`. TIMEOUT is of the types not given.
func (s suite) world(t *testing.T) *world {
	w := newWorld()
	for name, records := range s.Zone {
		owner, err := record.ParseName(name)
		if err != nil {
			t.Fatalf("name %q: %v", name, err)
		}
		w.exists[owner] = true
		hasTXT := slices.ContainsFunc(records, func(r map[string]yaml.Node) bool { _, ok := r["TXT"]; return ok })
		for _, r := range records {
			for typ, value := range r {
				var data words
				if err := value.Decode(&data); err != nil {
					t.Fatalf("%s %s: %v", name, typ, err)
				}
				switch typ {
				case "TIMEOUT", "SERVFAIL", "CNAMELOOP":
					w.broken[owner] = true
				case "SPF":
					if !hasTXT {
						w.txt(owner, data)
					}
				case "TXT":
					if !slices.Equal(data, words{"NONE"}) {
						w.txt(owner, data)
					}
				case "MX":
					err = w.add(name, typ, data[1])
				default:
					err = w.add(name, typ, data[0])
				}
				if err != nil {
					t.Fatalf("%s %s: %v", name, typ, err)
				}
			}
		}
	}
	return w
}

func (w *world) txt(owner record.Name, data []string) {
	r := record.Record{Type: record.TXT}
	for _, s := range data {
		r.Strings = append(r.Strings, untrusted.New(s))
	}
	q := record.Question{Name: owner, Type: record.TXT}
	w.records[q] = append(w.records[q], r)
}

func (c suiteCase) run(t *testing.T, w *world) {
	client, err := netip.ParseAddr(c.Host)
	if err != nil {
		t.Fatal(err)
	}
	v := CheckHost(t.Context(), w, Mail{
		Client: client, Sender: c.MailFrom, Helo: c.Helo, Receiver: c.Receiver, Now: time.Unix(0, 0),
	})
	if !slices.Contains(c.Result, v.Result.String()) {
		t.Errorf("%s, want %s", v.Result, strings.Join(c.Result, " or "))
	}
	want := c.Explanation
	if want == "DEFAULT" {
		want = ""
	}
	// The RFC shows the hexadecimal digits of the macro i in lower case, the suite in upper.
	if (c.Explanation != "" || v.Result != Fail) && !strings.EqualFold(v.Explanation.Raw(), want) {
		t.Errorf("explanation %s, want %q", v.Explanation, want)
	}
}
