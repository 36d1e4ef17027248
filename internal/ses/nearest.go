package ses

import (
	"github.com/agnivade/levenshtein"

	"github.com/sescheck/sescheck/internal/record"
)

// NearestRegion returns the region of the table whose name is most like name,
// or "" if none is like it.
func NearestRegion(name string) string {
	best, least := "", 4
	for _, r := range regions {
		if d := levenshtein.ComputeDistance(name, r.Name); d < least {
			best, least = r.Name, d
		}
	}
	return best
}

// Misnamed reports whether a name that has no SPF record was probably meant to be
// SPFInclude.
func Misnamed(name record.Name) bool {
	return name.Below(SPFInclude) || name != SPFInclude && levenshtein.ComputeDistance(string(name), string(SPFInclude)) <= 2
}
