package ses

import "github.com/agnivade/levenshtein"

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
