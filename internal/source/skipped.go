package source

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/untrusted"
)

// Skipped are records that were read and do not count, all for one reason.
type Skipped struct {
	What  string // such as "ALIAS record"; the plural adds an s
	Why   string
	Count int
	File  string // and the line of the first
	Line  int
}

func (s Skipped) String() string {
	place := untrusted.Line(s.File)
	if s.Line > 0 {
		place += fmt.Sprintf(" line %d", s.Line)
	}
	place += ": " + s.Why
	if s.Count == 1 {
		return fmt.Sprintf("1 %s, in %s", s.What, place)
	}
	return fmt.Sprintf("%d %ss, the first in %s", s.Count, s.What, place)
}

// maxKinds bounds how many kinds of skipped records are distinguished.
const maxKinds = 20

// addSkipped counts one more of its kind.
func addSkipped(all []Skipped, one Skipped) []Skipped {
	for i := range all {
		if all[i].What == one.What && all[i].Why == one.Why || i == maxKinds {
			if all[i].File == one.File {
				all[i].Line = min(all[i].Line, one.Line)
			}
			all[i].Count += one.Count
			return all
		}
	}
	if len(all) == maxKinds {
		one.What, one.Why = "further record", "among them are types that DNS does not have"
	}
	return append(all, one)
}

// Skipped are the records that do not count, by kind. Their text is harmless.
func (z *Zones) Skipped() []Skipped {
	if z == nil {
		return nil
	}
	all := slices.Clone(z.skipped)
	for _, h := range z.changes.elsewhere() {
		all = addSkipped(all, Skipped{What: "deleted zone", Why: "the zones of --zones show that its name servers do not answer for it", Count: 1, File: cmp.Or(h.File, h.path), Line: h.Line})
	}
	return all
}

// malformed are records that no resolver accepts: several CNAMEs at a name, and
// more records than an answer can hold.
func (z *Zone) malformed() (all []Skipped) {
	for i, r := range z.Records {
		one := Skipped{What: r.Data.Type.String() + " record", Count: 1, File: z.File, Line: r.Line}
		switch {
		case r.Data.Type == record.CNAME && r.Plain() && doubled(z.Records, i):
			one.Why = "another one is at the same name, so neither counts (RFC 2181 section 10.1)"
		case r.Excess:
			one.Why = "there are more at one name than an answer can hold"
		default:
			continue
		}
		all = addSkipped(all, one)
	}
	return all
}
