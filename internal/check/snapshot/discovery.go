package snapshot

import "github.com/sescheck/sescheck/internal/record"

// Discovery is the records at a domain's usual names, without MAIL FROM names and
// keys, which the snapshot has elsewhere.
type Discovery struct {
	MX          []string
	Inbound     []string    // regions of SES in which the domain receives
	Manager     bool        // it receives at an ingress endpoint of Mail Manager
	Receives    State       // whether the domain receives mail: Right, Missing or Unknown
	WorkMail    record.Name // where its mail programs are configured; "" if not there
	WorkMailEnd string
	Tracking    []Tracking
	Wildcard    bool // a wildcard MX leads to SES
	Unanswered  []string
}

// Tracking is a tracking name.
type Tracking struct {
	Name   record.Name
	Region string
}
