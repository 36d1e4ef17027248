package check

import (
	"strings"
	"testing"

	"github.com/sescheck/sescheck/internal/check/finding"
	"github.com/sescheck/sescheck/internal/check/part/dmarc"
	"github.com/sescheck/sescheck/internal/check/part/judgetest"
	"github.com/sescheck/sescheck/internal/check/part/spf"
	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/record"
)

// TestJoin: the domains of shards come in the order of the file, each once, and a
// finding about the file holds if every shard has it.
func TestJoin(t *testing.T) {
	t.Parallel()
	ignore := func(line int) config.Ignore { return config.Ignore{Place: config.Place{Line: line}} }
	held := func(c *finding.Check, line int) finding.Finding {
		return finding.Finding{Check: c, Place: config.Place{Line: line}}
	}
	shard := func(positions []int, names []record.Name, change func(*Outcome)) ShardOutcome {
		o := &Outcome{}
		for _, n := range names {
			o.Domains = append(o.Domains, Domain{Name: n})
		}
		if change != nil {
			change(o)
		}
		return ShardOutcome{o, positions}
	}
	for name, c := range map[string]struct {
		shards []ShardOutcome
		want   string
	}{
		"in order":             {[]ShardOutcome{shard([]int{2, 0}, []record.Name{"c", "a"}, nil), shard([]int{1}, []record.Name{"b"}, nil)}, "a b c"},
		"one is missing":       {[]ShardOutcome{shard([]int{2}, []record.Name{"c"}, nil), shard([]int{1}, []record.Name{"b"}, nil)}, "b c"},
		"one position twice":   {[]ShardOutcome{shard([]int{0}, []record.Name{"a"}, nil), shard([]int{0}, []record.Name{"b"}, nil)}, "domain b is in two shards"},
		"one name twice":       {[]ShardOutcome{shard([]int{0}, []record.Name{"a"}, nil), shard([]int{1}, []record.Name{"a"}, nil)}, "domain a is in two shards"},
		"answered and partial": {[]ShardOutcome{shard([]int{0}, []record.Name{"a"}, func(o *Outcome) { o.Answered = true }), shard([]int{1}, []record.Name{"b"}, func(o *Outcome) { o.Partial = true })}, "a b, answered, partial"},
		"held by one": {[]ShardOutcome{
			shard([]int{0}, []record.Name{"a"}, func(o *Outcome) { o.Held = []finding.Finding{held(IgnoreUnused, 3), held(IgnoreExpired, 4)} }),
			shard([]int{1}, []record.Name{"b"}, func(o *Outcome) { o.Held = []finding.Finding{held(IgnoreExpired, 4)} }),
		}, "a b, ignore-expired 4"},
		"held at two places": {[]ShardOutcome{
			shard([]int{0}, []record.Name{"a"}, func(o *Outcome) { o.Held = []finding.Finding{held(IgnoreUnused, 3)} }),
			shard([]int{1}, []record.Name{"b"}, func(o *Outcome) { o.Held = []finding.Finding{held(IgnoreUnused, 4)} }),
		}, "a b"},
		"ending": {[]ShardOutcome{
			shard([]int{0}, []record.Name{"a"}, func(o *Outcome) {
				o.Held = []finding.Finding{held(IgnoreUnused, 3), held(IgnoreExpired, 4)}
				o.Ending = []config.Ignore{ignore(3), ignore(4), ignore(5)}
			}),
			shard([]int{1}, []record.Name{"b"}, func(o *Outcome) { o.Held = []finding.Finding{held(IgnoreUnused, 3), held(IgnoreExpired, 4)} }),
		}, "a b, ignore-unused 3, ignore-expired 4, ending 4, ending 5"},
	} {
		o, err := Join(c.shards, 3)
		if err != nil {
			if err.Error() != c.want {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		var names []string
		for _, d := range o.Domains {
			names = append(names, string(d.Name))
		}
		got := []string{strings.Join(names, " ")}
		if o.Answered {
			got = append(got, "answered")
		}
		if o.Partial {
			got = append(got, "partial")
		}
		for _, f := range o.Findings {
			got = append(got, f.Check.ID+" "+string(rune('0'+f.Place.Line)))
		}
		for _, ig := range o.Ending {
			got = append(got, "ending "+string(rune('0'+ig.Place.Line)))
		}
		if s := strings.Join(got, ", "); s != c.want {
			t.Errorf("%s: %s, want %s", name, s, c.want)
		}
	}
}

// TestIsPart: parts are those with a table of checks, what all share, and what
// Amazon SES says.
func TestIsPart(t *testing.T) {
	t.Parallel()
	for _, p := range Parts() {
		if !IsPart(p.Name) {
			t.Errorf("%s is no part", p.Name)
		}
	}
	for _, c := range []*finding.Check{dmarc.Missing, spf.Missing, DNSUnavailable} {
		if !IsPart(c.Part()) {
			t.Errorf("%s of %s is of no part", c, c.Part())
		}
	}
	if IsPart("nothing") || IsPart("") {
		t.Error("anything is a part")
	}
}

// TestMiss: where shards are missing, no ignore is called unused, and nothing of
// that is gone.
func TestMiss(t *testing.T) {
	t.Parallel()
	looked := []*finding.Check{IgnoreExpired, IgnoreUnused}
	o := &Outcome{
		Findings: []finding.Finding{{Check: IgnoreUnused}, {Check: IgnoreExpired}},
		Looked:   []Looked{{Checks: looked}, {Checks: []*finding.Check{RecordUnclaimed}}},
	}
	o.Miss([]string{"2"}, 3, 7)
	if !o.Partial || len(o.Findings) != 2 || o.Findings[0].Check != IgnoreExpired || o.Findings[1].Status != finding.Inconclusive {
		t.Errorf("%+v", o.Findings)
	}
	if len(o.Looked[0].Checks) != 1 || o.Looked[0].Checks[0] != IgnoreExpired || len(o.Looked[1].Checks) != 1 || looked[1] != IgnoreUnused {
		t.Errorf("%+v", o.Looked)
	}
}

// TestShardAlone: a shard looks at its own domains, and at no other.
func TestShardAlone(t *testing.T) {
	t.Parallel()
	f := judgetest.Parse(t, "version: 1\ndomains:\n  a.example: {dmarc: none}\n  b.example: {dmarc: none}\n  c.example: {dmarc: none}\n")
	for _, c := range []struct {
		shard []int
		want  string
	}{{nil, "a.example b.example c.example"}, {[]int{2, 0}, "c.example a.example"}, {[]int{1}, "b.example"}, {[]int{}, ""}} {
		var names []string
		done := 0
		for _, d := range Run(t.Context(), f, &world{answer: absent}, Options{Window: 1, Shard: c.shard, Done: func(*Domain) { done++ }}).Domains {
			names = append(names, string(d.Name))
		}
		if got := strings.Join(names, " "); got != c.want || done != len(names) {
			t.Errorf("%v: %s, %d done", c.shard, got, done)
		}
	}
}
