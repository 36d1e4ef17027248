package untrusted_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/sescheck/sescheck/internal/hostile"
	"github.com/sescheck/sescheck/internal/untrusted"
)

const nasty = "a\"b\\c;d\x00\x1f\x80\xc3\xa4\n::add-mask::x ##[error]y ###[z] \x1b]52;c;x\x07 \u202e"

const safe = `"a\"b\\c;d\000\031\128\195\164\010::add-mask::x #\035[error]y ##\035[z] \027]52;c;x\007 \226\128\174"`

type holder struct{ Text untrusted.Text }

// TestPrintedSafely: whatever prints a Text prints the safe form.
func TestPrintedSafely(t *testing.T) {
	text := untrusted.New(nasty)
	for _, verb := range []string{"%s", "%v", "%+v", "%#v", "%q", "%x", "%d", "%t"} {
		if got := fmt.Sprintf(verb, text); got != safe {
			t.Errorf("%s: %s", verb, got)
		}
		if got := fmt.Sprintf(verb, holder{text}); !strings.Contains(got, safe) {
			t.Errorf("%s in a struct: %s", verb, got)
		}
	}
	if got := fmt.Sprintln(text); got != safe+"\n" {
		t.Errorf("Sprintln: %s", got)
	}
	got, err := json.Marshal(holder{text})
	if err != nil {
		t.Fatal(err)
	}
	var back struct{ Text string }
	if err := json.Unmarshal(got, &back); err != nil || back.Text != safe {
		t.Errorf("JSON: %s", got)
	}
}

func TestPrecision(t *testing.T) {
	if got := fmt.Sprintf("%.4s", untrusted.New("abcdefgh")); got != `"abcd..."` {
		t.Error(got)
	}
	if got := fmt.Sprintf("%.8s", untrusted.New("abcdefgh")); got != `"abcdefgh"` {
		t.Error(got)
	}
}

func TestPlain(t *testing.T) {
	for s, want := range map[string]bool{"": true, "v=spf1 -all": true, "\t": false, "\x7f": false, "ä": false} {
		if got := untrusted.New(s).Plain(); got != want {
			t.Errorf("%q: %v", s, got)
		}
	}
}

func TestLine(t *testing.T) {
	for in, want := range map[string]string{
		"sescheck.yaml:3:1: unknown key": "sescheck.yaml:3:1: unknown key",
		"  ::error::x":                   `\x3a:error::x`,
		"\u00a0::error::x":               `\u00a0::error::x`,
		"a ##[error]x":                   `a #\x23[error]x`,
		"münchen \"quoted\"":             `münchen "quoted"`,
		"two\nlines\x1b[31m":             `two\nlines\x1b[31m`,
		"\u202eright to left":            `\u202eright to left`,
		"bad \xff octet":                 "bad � octet",
		"no\u034f\u3164 width\ufe0f":     `no\u034f\u3164 width\ufe0f`,
	} {
		if got := untrusted.Line(in); got != want {
			t.Errorf("%q\n got %s\nwant %s", in, got, want)
		}
	}
}

// FuzzText: the safe form is one line of printable ASCII that holds no command
// and decodes to the octets it means.
func FuzzText(f *testing.F) {
	f.Add(nasty)
	f.Add("##[##[[")
	f.Fuzz(func(t *testing.T, raw string) {
		s := untrusted.New(raw).String()
		for _, c := range []byte(s) {
			if c < ' ' || c > '~' {
				t.Fatalf("%q holds %q", s, c)
			}
		}
		if len(hostile.Commands(s)) > 0 {
			t.Fatalf("%q holds a command", s)
		}
		if got := decode(s[1 : len(s)-1]); got != raw {
			t.Fatalf("%q decodes to %q", s, got)
		}
		line := untrusted.Line(raw)
		if len(hostile.Commands(line))+len(hostile.Characters(line)) > 0 || strings.ContainsAny(line, "\n\t") {
			t.Fatalf("Line(%q) = %q", raw, line)
		}
	})
}

// decode reads RFC 1035 presentation form.
func decode(s string) string {
	var b []byte
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] != '\\':
			b = append(b, s[i])
		case s[i+1] >= '0' && s[i+1] <= '9':
			b = append(b, (s[i+1]-'0')*100+(s[i+2]-'0')*10+s[i+3]-'0')
			i += 3
		default:
			i++
			b = append(b, s[i])
		}
	}
	return string(b)
}
