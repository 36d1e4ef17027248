package report

import (
	"fmt"
	"strings"

	"github.com/sescheck/sescheck/internal/check/snapshot"
)

// receiverSection says which rules of a receiver mail through SES meets. What DNS
// does not show is said apart.
func receiverSection(r snapshot.Receiver) section {
	s := section{title: "What " + r.Name + " asks", mark: "ok"}
	s.says = []string{fmt.Sprintf("%s, since %s", r.Scope, r.Since)}
	by := map[snapshot.Standing][]string{}
	for _, rule := range r.Rules {
		asks := rule.Asks
		if rule.Why != "" {
			asks += " (" + rule.Why + ")"
		}
		by[rule.State] = append(by[rule.State], asks)
		if rule.Seen && rule.State != snapshot.Met && s.mark == "ok" {
			s.mark = ""
		}
	}
	for _, state := range []snapshot.Standing{snapshot.Met, snapshot.NotMet, snapshot.Unanswered, snapshot.Unseen} {
		if len(by[state]) > 0 {
			s.says = append(s.says, string(state)+": "+strings.Join(by[state], ", "))
		}
	}
	if len(by[snapshot.NotMet]) > 0 {
		s.mark = "note"
		if r.Answer != "" {
			s.says = append(s.says, "its servers refuse mail that does not meet a rule with "+r.Answer)
		}
	}
	if r.Outdated {
		s.mark = "note"
		s.says = append(s.says, fmt.Sprintf("these rules were to be looked up again by %s, and may have changed: %s", r.Review, r.Source))
	}
	return s
}
