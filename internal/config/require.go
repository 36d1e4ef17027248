package config

import (
	"strings"

	"github.com/sescheck/sescheck/internal/receiver"
)

// requireSchema is the type of `require` in the JSON Schema.
func requireSchema() string {
	return "\"type\": \"array\",\n\"uniqueItems\": true,\n\"items\": {\n  \"enum\": [\"" + strings.Join(receiver.Keys(), `", "`) + "\"]\n}"
}

// require reads the receivers whose rules are to be met: none with [], which is how
// a domain says no to `defaults`.
func (r *reader) require(p pair) []At[string] {
	if !p.value.list() {
		r.wrong(p.value, "require", "a list of receivers, such as ["+strings.Join(receiver.Keys()[:2], ", ")+"]")
		return nil
	}
	if !r.notTooMany(p.value, p.key, MaxTokens) {
		return nil
	}
	near := map[string]string{"google": "gmail", "gmail.com": "gmail", "yahoo.com": "yahoo", "aol": "yahoo", "outlook.com": "outlook", "microsoft": "outlook", "hotmail": "outlook", "hotmail.com": "outlook", "live.com": "outlook"}
	var all []At[string]
	for _, item := range r.items(p.value) {
		s, ok := r.oneOf(item, "require", receiver.Keys(), near)
		switch {
		case !ok:
		case contains(all, s):
			r.bad(item, "require lists %s twice; keep one", s)
		default:
			all = append(all, At[string]{r.intern(s), r.place(item)})
		}
	}
	return all
}

// contains reports whether one of the values is s.
func contains(all []At[string], s string) bool {
	for _, at := range all {
		if at.Value == s {
			return true
		}
	}
	return false
}
