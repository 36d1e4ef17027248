package report

import (
	"fmt"
	"time"

	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/shorten"
)

// Shard is the part of a run that a report is about.
type Shard struct {
	Index, Count int    // Index begins with 1
	Run          string // identifies the run in all its shards
	Domains      int    // of the whole run
	Positions    []int  // of this shard's domains among all, ascending
}

// The shard of the JSON report, and the ignores that end soon.
type (
	jsonShard struct {
		Index     int           `json:"index"`
		Count     int           `json:"count"`
		Run       string        `json:"run"`
		Domains   int           `json:"domains"`
		Positions []int         `json:"positions"`
		Held      []jsonFinding `json:"held"`
	}
	jsonIgnore struct {
		Check    string       `json:"check"`
		Owner    string       `json:"owner,omitempty"`
		Until    string       `json:"until"`
		Location jsonLocation `json:"location"`
	}
)

func toJSONShard(r *Report) *jsonShard {
	s := r.Shard
	if s == nil {
		return nil
	}
	out := &jsonShard{Index: s.Index, Count: s.Count, Run: s.Run, Domains: s.Domains, Positions: s.Positions, Held: []jsonFinding{}}
	for i := range r.Held {
		out.Held = append(out.Held, toJSONFinding(&r.Held[i]))
	}
	return out
}

func toJSONIgnore(ig config.Ignore) jsonIgnore {
	return jsonIgnore{Check: ig.Check.Value, Owner: ig.Owner, Until: ig.Until.Value.Format(time.DateOnly), Location: location(ig.Place)}
}

// line says that a report is only of a shard.
func (s *Shard) line() string {
	if len(s.Positions) == 0 {
		return fmt.Sprintf("shard %d of %d: none of the %s is in it", s.Index, s.Count, shorten.Count(s.Domains, "domain"))
	}
	return fmt.Sprintf("shard %d of %d: %d of %s; `sescheck merge` puts the shards' JSON reports together", s.Index, s.Count, len(s.Positions), shorten.Count(s.Domains, "domain"))
}
