package record

import (
	"strings"

	"golang.org/x/net/publicsuffix"
)

// IsSuffix reports whether a name is a public suffix: below it anybody can
// register domains.
func (n Name) IsSuffix() bool { return n == n.suffix() }

// suffix is the public suffix of a name, by the Public Suffix List.
func (n Name) suffix() Name {
	s, _ := publicsuffix.PublicSuffix(string(n))
	return Name(s)
}

// Registrable is the domain that can be registered above a name: a label below
// its public suffix. Of a public suffix it is the name itself.
func (n Name) Registrable() Name {
	if r, err := publicsuffix.EffectiveTLDPlusOne(string(n)); err == nil {
		return Name(r)
	}
	return n
}

// Registered is the domain above a name that a registry registers. A company owns
// the names that it gives to its users, such as x.github.io.
func (n Name) Registered() Name {
	suffix := n.suffix()
	for !isRegistry(suffix) {
		suffix = suffix.Parent().suffix()
	}
	for n.Labels() > suffix.Labels()+1 {
		n = n.Parent()
	}
	return n
}

// Undoubled is the name that was meant where a DNS provider appended its zone,
// or the domain, to a name that had it.
func (n Name) Undoubled(zone Name) Name {
	if zone == "" || zone == Root || !n.Below(zone) {
		return n
	}
	i := strings.Index("."+string(n), "."+string(zone)+".")
	if i < 0 {
		return n
	}
	corrected := n[:i+len(zone)]
	if behind := n[len(corrected)+1:].Undoubled(zone); !corrected.In(behind) {
		return n
	}
	return corrected
}

// Foreign finds the domain that is registered in a name of a zone, such as
// example.net in x.example.net.example.com: its record was entered in the wrong
// zone. sure is false for names that are as likely subdomains, such as shop.dev.
func (n Name) Foreign(zone Name) (of Name, sure, ok bool) {
	rest, below := strings.CutSuffix(string(n), "."+string(zone))
	if zone == "" || zone == Root || !below {
		return "", false, false
	}
	of = Name(rest).Registrable()
	suffix := Name(rest).suffix()
	if suffix == of && isRegistry(suffix) {
		return "", false, false
	}
	return of, suffix.isSure(zone), true
}

// isRegistry reports whether a public suffix belongs to a registry, such as
// co.uk, and not to a company that gives names to its users, such as github.io.
func isRegistry(suffix Name) bool {
	_, icann := publicsuffix.PublicSuffix(string(suffix))
	return icann || suffix.Labels() == 1
}

// isSure reports whether a public suffix in the middle of a name of a zone is
// the end of another domain: people call subdomains dev or uk, and hardly ever
// com.
func (n Name) isSure(zone Name) bool {
	switch n {
	case "com", "net", "org", "edu", "gov", "mil":
		return true
	case "app", "cloud", "dev":
		return false
	}
	return n.Labels() > 1 || n == zone.suffix()
}
