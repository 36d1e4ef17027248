package inspection

import (
	"fmt"
	"strings"

	"github.com/sescheck/sescheck/internal/check/snapshot"
)

// receiverSection says which rules of a receiver mail through SES meets. Rules
// that DNS does not show are listed apart.
func receiverSection(r snapshot.Receiver) Section {
	s := Section{Title: "What " + r.Name + " asks", Mark: "ok"}
	s.Says = []string{fmt.Sprintf("%s, since %s", r.Scope, r.Since)}
	by := map[snapshot.RuleState][]string{}
	for _, rule := range r.Rules {
		asks := rule.Asks
		if rule.Why != "" {
			asks += " (" + rule.Why + ")"
		}
		by[rule.State] = append(by[rule.State], asks)
		if rule.Seen && rule.State != snapshot.Met && s.Mark == "ok" {
			s.Mark = ""
		}
	}
	for _, state := range []snapshot.RuleState{snapshot.Met, snapshot.NotMet, snapshot.Unanswered, snapshot.Unseen} {
		if len(by[state]) > 0 {
			s.Says = append(s.Says, string(state)+": "+strings.Join(by[state], ", "))
		}
	}
	if len(by[snapshot.NotMet]) > 0 {
		s.Mark = "note"
		if r.Answer != "" {
			s.Says = append(s.Says, "its servers refuse mail that does not meet a rule with "+r.Answer)
		}
	}
	if r.Outdated {
		s.Mark = "note"
		s.Says = append(s.Says, fmt.Sprintf("these rules were due for review by %s, and may have changed: %s", r.Review, r.Source))
	}
	return s
}
