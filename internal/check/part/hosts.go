package part

import (
	"net/netip"
	"strings"

	"github.com/sescheck/sescheck/internal/record"
)

// AddressAsHost says that a host is an IP address; "" if it is none.
func AddressAsHost(host record.Name) string {
	if _, err := netip.ParseAddr(string(host)); err != nil {
		return ""
	}
	return ": that is an IP address, and an MX record needs the name of a host"
}

// BehindZone names the mistake in the rest of a host to which a provider appended
// the zone of its owner; "" if there is no zone, or no mistake in the rest.
func BehindZone(owner, host record.Name, mistake func(rest record.Name) string) string {
	for zone := owner; zone.Labels() > 1; zone = zone.Parent() {
		rest, below := strings.CutSuffix(string(host), "."+string(zone))
		if !below {
			continue
		}
		if how := mistake(record.Name(rest)); how != "" {
			return ": the provider appended the zone to it; without that, " + strings.TrimPrefix(how, ": ")
		}
	}
	return ""
}
