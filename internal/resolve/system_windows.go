package resolve

import (
	"cmp"
	"errors"
	"net/netip"
	"os"
	"slices"
	"strconv"
	"unsafe"

	"golang.org/x/sys/windows"
)

// systemServers asks Windows for the DNS servers of the adapters that are up
// and lead somewhere, the adapter with the lowest metric first.
func systemServers() (system, error) {
	adapters, err := upAdapters()
	if err != nil {
		return system{}, err
	}
	var s system
	for _, a := range adapters {
		for d := a.FirstDnsServerAddress; d != nil; d = d.Next {
			addr, ok := netip.AddrFromSlice(d.Address.IP())
			if addr = addr.Unmap(); !ok || automatic.Contains(addr) || slices.Contains(s.addrs, addr) {
				continue
			}
			if addr.IsLinkLocalUnicast() && addr.Is6() {
				addr = addr.WithZone(strconv.Itoa(int(a.Ipv6IfIndex)))
			}
			s.addrs = append(s.addrs, addr)
		}
	}
	if len(s.addrs) == 0 {
		return system{}, errors.New("no adapter that is up has a DNS server")
	}
	return s, nil
}

// automatic are the addresses that Windows fills in where no servers are
// configured. No server answers there.
var automatic = netip.MustParsePrefix("fec0:0:0:ffff::/64")

func upAdapters() ([]*windows.IpAdapterAddresses, error) {
	const flags = windows.GAA_FLAG_INCLUDE_GATEWAYS | windows.GAA_FLAG_SKIP_ANYCAST | windows.GAA_FLAG_SKIP_MULTICAST
	for size := uint32(15000); ; { // the first size that Microsoft recommends
		buf := make([]byte, size)
		first := (*windows.IpAdapterAddresses)(unsafe.Pointer(&buf[0]))
		err := windows.GetAdaptersAddresses(windows.AF_UNSPEC, flags, 0, first, &size)
		switch {
		case err == nil:
			return usable(first), nil
		case err != windows.ERROR_BUFFER_OVERFLOW || int(size) <= len(buf):
			return nil, os.NewSyscallError("GetAdaptersAddresses", err)
		}
	}
}

func usable(first *windows.IpAdapterAddresses) []*windows.IpAdapterAddresses {
	var all []*windows.IpAdapterAddresses
	for a := first; a != nil; a = a.Next {
		if a.OperStatus == windows.IfOperStatusUp && a.IfType != windows.IF_TYPE_SOFTWARE_LOOPBACK && a.FirstGatewayAddress != nil {
			all = append(all, a)
		}
	}
	slices.SortStableFunc(all, func(x, y *windows.IpAdapterAddresses) int { return cmp.Compare(metric(x), metric(y)) })
	return all
}

func metric(a *windows.IpAdapterAddresses) uint32 { return min(a.Ipv4Metric, a.Ipv6Metric) }
