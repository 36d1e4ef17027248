package iterative

import (
	"net/netip"

	"github.com/sescheck/sescheck/internal/resolve/transport"
)

var ReadHints = readHints

const (
	MaxNameservers = maxNameservers
	MostQuestions  = mostQuestions
	MostForChain   = mostForChain
	MostResends    = mostResends
)

// AuthorityOver is the root of a network that a test makes up.
func AuthorityOver(h *Hints, dial func(netip.AddrPort) transport.Exchanger, reaches func(netip.Addr) bool) *Authority {
	return &Authority{Hints: h, network: &network{dial, reaches}}
}
