package receiver

import (
	"strings"
	"testing"
	"time"
)

// TestTable: each receiver has the source and day of its rules, a rule that DNS
// shows and one that it does not, and unique ids of rules.
func TestTable(t *testing.T) {
	for _, r := range All() {
		if Lookup(r.Key) == nil || Lookup(r.Key).Name != r.Name || r.Scope == "" {
			t.Errorf("%+v", r)
		}
		days := map[string]time.Time{}
		for _, day := range []string{r.Since, r.Read, r.Review} {
			at, err := time.Parse(time.DateOnly, day)
			if err != nil {
				t.Errorf("%s: %v", r.Key, err)
			}
			days[day] = at
		}
		if !days[r.Since].Before(days[r.Read]) || !days[r.Read].Before(days[r.Review]) || days[r.Review].Sub(days[r.Read]) > 366*24*time.Hour {
			t.Errorf("%s holds since %s, was read on %s and is to be read by %s", r.Key, r.Since, r.Read, r.Review)
		}
		for _, s := range r.Sources {
			if !strings.HasPrefix(s, "https://") {
				t.Errorf("%s: %q is no source", r.Key, s)
			}
		}
		ids, needs := map[string]bool{}, map[Need]bool{}
		for _, rule := range r.Rules {
			if ids[rule.ID] || rule.Asks == "" || rule.Need == 0 {
				t.Errorf("%s: %+v", r.Key, rule)
			}
			ids[rule.ID], needs[rule.Need] = true, true
		}
		if len(needs) != 5 || len(r.Sources) == 0 {
			t.Errorf("%s has needs %v and sources %v", r.Key, needs, r.Sources)
		}
	}
	if Lookup("aol") != nil {
		t.Error("aol is known")
	}
}
