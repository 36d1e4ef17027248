package report

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sescheck/sescheck/internal/check/finding"
)

func TestSteps(t *testing.T) {
	t.Parallel()
	const (
		mx1   = "b.example. 300 IN MX 10 one.example."
		mx2   = "b.example. 300 IN MX 20 two.example."
		right = "b.example. 3600 IN MX 10 right.example."
		txt   = `b.example. 300 IN TXT "p=x"`
		cname = "b.example. 3600 IN CNAME x.example."
	)
	for name, c := range map[string]struct {
		change finding.Change
		want   []labelled
	}{
		"nothing":                              {},
		"a record is missing":                  {finding.Change{Add: []string{right}}, []labelled{{"add", right}}},
		"one too many":                         {finding.Change{Remove: []string{mx2}}, []labelled{{"remove", mx2}}},
		"a wrong value":                        {finding.Change{Add: []string{right}, Remove: []string{mx1}}, []labelled{{"replace", mx1}, {"by", right}}},
		"two wrong values":                     {finding.Change{Add: []string{right}, Remove: []string{mx1, mx2}}, []labelled{{"remove", mx1}, {"replace", mx2}, {"by", right}}},
		"another type":                         {finding.Change{Add: []string{cname}, Remove: []string{txt}}, []labelled{{"remove", txt}, {"add", cname}}},
		"what goes is named before what comes": {finding.Change{Add: []string{cname, right}, Remove: []string{mx1, txt}}, []labelled{{"remove", txt}, {"replace", mx1}, {"by", right}, {"add", cname}}},
	} {
		if diff := cmp.Diff(c.want, instructions(steps(c.change)), cmp.AllowUnexported(labelled{})); diff != "" {
			t.Errorf("%s: want -, got +\n%s", name, diff)
		}
	}
}
