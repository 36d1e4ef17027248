package part

import "testing"

func TestGarbling(t *testing.T) {
	t.Parallel()
	const want = "pmBGN/7MjnfhTKUZ06Enqq1PeGUaOkw8lGhcfwefcHU="
	for live, how := range map[string]garble{
		want:                Same,
		"amazonses:" + want: Same,
		"AmazonSES:" + want: otherCase,
		`"` + want + `"`:    withQuote,
		" " + want:          withBlank,
		"pmbgn/7mjnfhtkuz06enqq1peguaokw8lghcfwefchu=": otherCase,
		want[:len(want)-1]: cutShort,
		want[:10]:          Differs,
		"another":          Differs,
		"":                 Differs,
	} {
		if got := Garbling(want, live); got != how {
			t.Errorf("%q is %q, want %q", live, got, how)
		}
	}
}
