package snapshot

import "github.com/sescheck/sescheck/internal/record"

// Discovery is what stands at the usual places of a domain, but for MAIL
// FROM names and keys, which stand with the others.
type Discovery struct {
	MX          []string
	Inbound     []string    // the regions of SES that the domain receives in
	Manager     bool        // it receives at an ingress endpoint of Mail Manager
	Receives    State       // whether the domain receives mail: Right, Missing or Unknown
	WorkMail    record.Name // where its mail programs are configured; "" if not there
	WorkMailEnd string
	Tracking    []Tracking
	Wildcard    bool // every name below has an MX of SES
	Unanswered  []string
}

// Tracking is a tracking name.
type Tracking struct {
	Name   record.Name
	Region string
}
