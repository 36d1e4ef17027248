package finding

import (
	"strings"
	"time"
)

// Silence is why a finding matters less than its check says. The zero value is
// no silence.
type Silence struct {
	Kind   SilenceKind
	Until  time.Time // of Pending: a day
	Reason string    // of Accepted: that of the file, quoted
}

// SilenceKind is what silences a finding.
type SilenceKind uint8

// The kinds of silence.
const (
	Loud          SilenceKind = iota
	Unchanged                 // a failing finding of a domain that did not change: a warning at most
	UnchangedOpen             // an inconclusive one of such a domain: it fails nothing
	Pending                   // the file says that the domain is being set up: a note
	Accepted                  // the file ignores it
)

// The texts of a Silence in reports.
const (
	unchangedText     = "a warning, because the domain did not change in the file"
	unchangedOpenText = "fails nothing, because the domain did not change in the file"
	pendingText       = "pending until "
	acceptedText      = "ignored: "
)

// String is the silence as the reports have it; "" for none.
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

// ParseSilence reads what String writes. Any other text is the reason of an
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
