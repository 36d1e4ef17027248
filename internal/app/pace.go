package app

import "time"

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
