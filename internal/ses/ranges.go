package ses

import "net/netip"

// ranges are addresses that the SPF record of amazonses.com has listed at some
// time up to 2026. They serve to recognise copies, and to read an SPF record for
// mail of SES where the record of amazonses.com is not part of it.
var ranges = []netip.Prefix{
	netip.MustParsePrefix("23.249.208.0/20"),
	netip.MustParsePrefix("23.251.224.0/19"),
	netip.MustParsePrefix("24.110.64.0/18"),
	netip.MustParsePrefix("54.240.0.0/17"),
	netip.MustParsePrefix("69.169.224.0/20"),
	netip.MustParsePrefix("76.223.128.0/18"),
	netip.MustParsePrefix("98.77.0.0/16"),
	netip.MustParsePrefix("199.127.232.0/22"),
	netip.MustParsePrefix("199.255.192.0/22"),
	netip.MustParsePrefix("206.55.144.0/20"),
	netip.MustParsePrefix("216.221.160.0/19"),
}

// Ranges are the networks that SES is known to have sent from.
func Ranges() []netip.Prefix { return ranges }

// Sends reports whether a network lies within what SES sends from.
func Sends(network netip.Prefix) bool {
	for _, r := range ranges {
		if network.IsValid() && r.Bits() <= network.Bits() && r.Contains(network.Addr()) {
			return true
		}
	}
	return false
}
