package app

import (
	"time"

	"github.com/sescheck/sescheck/internal/resolve"
)

// How DNS is asked unless the user says otherwise.
const (
	Timeout  = 2 * time.Second // of one attempt
	Retries  = 2               // further attempts
	InFlight = 64              // queries to a resolver that others use too
)

// QueriesPerDomain is about how many queries a healthy domain needs.
const QueriesPerDomain = 13

// Window is how many domains are checked at the same time: twice as many as can
// have all their queries in flight.
func Window(inFlight int) int { return max(8, 2*inFlight/QueriesPerDomain) }

// Limit is how long a run over so many domains may take: five minutes, or what the
// queries need. That is estimated for a server that takes few at once and answers
// slowly; or for twice the time that the rate needs. It is there to end a run that
// hangs, and no forecast. Dead servers do not use it up; see docs/resolver.md.
func Limit(domains int, o resolve.Options) time.Duration {
	const few, slow = 32, 100 * time.Millisecond
	queries := (QueriesPerDomain + 2) * domains
	need := time.Duration(queries/min(o.Concurrency, few)+1) * slow
	if o.Rate > 0 {
		need = max(need, time.Duration(queries/o.Rate+1)*2*time.Second)
	}
	const chain = 4 // queries that wait for each other, each tried to the end
	return max(5*time.Minute, need+chain*o.Timeout*time.Duration(o.Retries+1))
}
