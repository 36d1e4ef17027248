package resolve

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"

	"github.com/miekg/dns"

	"github.com/sescheck/sescheck/internal/untrusted"
)

// Server is somebody who can be asked.
type Server struct {
	transport transport
	line      *line // given by the Resolver
	party     int   // servers of one party are taken to be one in what they say
}

func (s Server) String() string { return s.transport.String() }

// resolvConf is where the system's resolvers are listed.
const resolvConf = "/etc/resolv.conf"

// ParseServers reads the values of --resolver: `system`, an address with or
// without a port, or one with `udp://` or `tcp://` before it.
func ParseServers(ctx context.Context, specs []string) ([]Server, error) {
	var all []Server
	for party, spec := range specs {
		if spec == "system" {
			system, err := systemServers(resolvConf)
			if err != nil {
				return nil, err
			}
			for _, s := range system {
				s.party = party
				all = append(all, s)
			}
			continue
		}
		s, err := parseServer(ctx, spec)
		if err != nil {
			return nil, err
		}
		s.party = party
		all = append(all, s)
	}
	return all, nil
}

func parseServer(ctx context.Context, spec string) (Server, error) {
	scheme, rest, ok := strings.Cut(spec, "://")
	if !ok {
		scheme, rest = "udp", spec
	}
	switch scheme {
	case "udp", "tcp":
	case "tls", "https":
		return Server{}, fmt.Errorf("resolver %s: DNS over TLS and HTTPS are not supported yet; give an address, udp:// or tcp://", untrusted.Quote(spec))
	default:
		return Server{}, fmt.Errorf("resolver %s: no such scheme; give system, an address, udp:// or tcp://", untrusted.Quote(spec))
	}
	if spec == "authoritative" {
		return Server{}, fmt.Errorf("resolver authoritative is not supported yet; give system or an address")
	}
	addr, err := parseAddress(ctx, rest)
	if err != nil {
		return Server{}, fmt.Errorf("resolver %s: %w", untrusted.Quote(spec), err)
	}
	if scheme == "tcp" {
		return Server{transport: newTCP(addr)}, nil
	}
	return Server{transport: newUDP(addr)}, nil
}

// parseAddress reads an IP address or a host name, with an optional port.
func parseAddress(ctx context.Context, s string) (netip.AddrPort, error) {
	if ap, err := netip.ParseAddrPort(s); err == nil {
		return ap, nil
	}
	if a, err := netip.ParseAddr(strings.Trim(s, "[]")); err == nil {
		return netip.AddrPortFrom(a, 53), nil
	}
	host, port, err := net.SplitHostPort(s)
	if err != nil {
		host, port = s, "53"
	}
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil || n == 0 || host == "" || strings.ContainsAny(host, "/ :[]") {
		return netip.AddrPort{}, fmt.Errorf("neither an address nor a host name, such as 192.0.2.53 or 192.0.2.53:5300")
	}
	addrs, err := net.DefaultResolver.LookupNetIP(ctx, "ip", host)
	if err != nil || len(addrs) == 0 {
		return netip.AddrPort{}, fmt.Errorf("the system finds no address of host %s", untrusted.Quote(host))
	}
	return netip.AddrPortFrom(addrs[0].Unmap(), uint16(n)), nil
}

// systemServers reads the nameservers of a resolv.conf (resolv.conf(5)); where
// it names none, that is the local machine's.
func systemServers(path string) ([]Server, error) {
	conf, err := dns.ClientConfigFromFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the system's resolvers: %w; name one with --resolver, such as --resolver 1.1.1.1", err)
	}
	if len(conf.Servers) == 0 {
		conf.Servers = []string{"127.0.0.1"}
	}
	var all []Server
	for _, s := range conf.Servers {
		addr, err := netip.ParseAddr(s)
		if err != nil {
			return nil, fmt.Errorf("read %s: nameserver %s is no address", path, untrusted.Quote(s))
		}
		all = append(all, Server{transport: newUDP(netip.AddrPortFrom(addr, 53))})
	}
	return all, nil
}
