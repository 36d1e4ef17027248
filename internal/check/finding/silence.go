package finding

import (
	"strings"
	"time"
)

// Silence is why a finding has a lower severity than its check. The zero value is
// none.
type Silence struct {
	Kind   SilenceKind
	Until  time.Time // the day, for Pending
	Reason string    // the reason in the file, quoted, for Accepted
}

// SilenceKind is what silences a finding.
type SilenceKind uint8

// The kinds of silence.
const (
	Loud          SilenceKind = iota
	Unchanged                 // a failure of an unchanged domain: at most a warning
	UnchangedOpen             // an inconclusive finding of an unchanged domain: it does not fail the run
	Pending                   // the domain is being set up: a note
	Accepted                  // accepted by `ignore`
)

// The texts of a Silence in reports.
const (
	unchangedText     = "a warning, because this change does not affect the domain"
	unchangedOpenText = "fails nothing, because this change does not affect the domain"
	pendingText       = "pending until "
	acceptedText      = "ignored: "
)

// String is the text in reports; "" for none.
func (s Silence) String() string {
	switch s.Kind {
	case Unchanged:
		return unchangedText
	case UnchangedOpen:
		return unchangedOpenText
	case Pending:
		return pendingText + s.Until.Format(time.DateOnly)
	case Accepted:
		return acceptedText + s.Reason
	}
	return ""
}

// ParseSilence parses the result of String. Any other text is the reason of an
// Accepted silence.
func ParseSilence(text string) Silence {
	switch text {
	case "":
		return Silence{}
	case unchangedText:
		return Silence{Kind: Unchanged}
	case unchangedOpenText:
		return Silence{Kind: UnchangedOpen}
	}
	if day, ok := strings.CutPrefix(text, pendingText); ok {
		if until, err := time.Parse(time.DateOnly, day); err == nil {
			return Silence{Kind: Pending, Until: until}
		}
	}
	return Silence{Kind: Accepted, Reason: strings.TrimPrefix(text, acceptedText)}
}
