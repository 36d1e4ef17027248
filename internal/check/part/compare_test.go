package part

import (
	"testing"

	"github.com/sescheck/sescheck/internal/record"
)

func TestGarbling(t *testing.T) {
	t.Parallel()
	const want = "pmBGN/7MjnfhTKUZ06Enqq1PeGUaOkw8lGhcfwefcHU="
	for live, how := range map[string]garble{
		want:                 Same,
		"amazonses:" + want:  Same,
		"AmazonSES:" + want:  otherCase,
		`"` + want + `"`:     withQuote,
		`\"` + want + `\"`:   withQuote,
		`pmBGN\/` + want[6:]: escaped,
		want[:43] + `\=`:     escaped,
		" " + want:           withBlank,
		"pmbgn/7mjnfhtkuz06enqq1peguaokw8lghcfwefchu=": otherCase,
		want[:len(want)-1]:                   cutShort,
		"\u201c" + want + "\u201d":           withQuote,
		"`" + want + "`":                     withQuote,
		want + "\u00a0":                      withBlank,
		"\u200b" + want:                      withBlank,
		"amazonses=" + want:                  withMore,
		"_amazonses.example.com TXT " + want: withMore,
		want[:10]:                            Differs,
		"another":                            Differs,
		"":                                   Differs,
	} {
		if got := Garbling(want, live); got != how {
			t.Errorf("%q is %q, want %q", live, got, how)
		}
	}
}

func TestSpoiltPreference(t *testing.T) {
	t.Parallel()
	const want record.Name = "feedback-smtp.eu-west-1.amazonses.com"
	const typed = ": the preference was typed into the host; it has its own field"
	for got, how := range map[record.Name]string{
		`10\032` + want:                  typed,
		"10" + want:                      typed,
		"10." + want:                     typed,
		`mx\03210\032` + want:            typed,
		`in\032mx\03210\032` + want:      typed,
		`10\032` + want + ".example.com": typed + "; without it, the provider appended the zone to it; end the value with a dot",
		`10\032\034` + want + `\034`:     typed + "; without it, it contains quotes, which the form stored as a part of the value",
		`10\032feedback-smtp.eu-west-1`:  typed + "; without it, its end is missing",
		"10.mail.example.net":            "",
		"10":                             "",
		"mx10.example.net":               "",
	} {
		if got := Spoilt("bounce.example.com", got, want); got != how {
			t.Errorf("%q, want %q", got, how)
		}
	}
}
