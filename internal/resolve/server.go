//go:build !js

package resolve

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"regexp"
	"strconv"
	"strings"

	"github.com/sescheck/sescheck/internal/resolve/transport"
	"github.com/sescheck/sescheck/internal/untrusted"
)

// ParseServers reads the values of --resolver: `system`, an address with or
// without a port, the same with `udp://` or `tcp://` before it, and
// `tls://HOST` or `https://HOST/PATH`.
func ParseServers(ctx context.Context, specs []string) ([]Server, error) {
	return parseServers(ctx, specs, nil)
}

// parseServers trusts the roots of the system if none are given.
func parseServers(ctx context.Context, specs []string, roots *x509.CertPool) ([]Server, error) {
	var all []Server
	for party, spec := range specs {
		if spec == "system" {
			system, err := systemServers()
			if err != nil {
				return nil, fmt.Errorf("find the system's resolvers: %w; name one with --resolver, such as --resolver 1.1.1.1", err)
			}
			for _, s := range system.servers() {
				s.party = party
				all = append(all, s)
			}
			continue
		}
		t, err := parseServer(ctx, spec, roots)
		if err != nil {
			return nil, fmt.Errorf("resolver %s: %w", untrusted.Quote(spec), err)
		}
		all = append(all, Server{Exchanger: t, party: party})
	}
	return all, nil
}

// The ports of DNS, and of DNS over TLS and HTTPS.
const (
	portDNS   = 53
	portTLS   = 853
	portHTTPS = 443
)

var plainPath = regexp.MustCompile(`^[A-Za-z0-9/._~-]+$`)

func parseServer(ctx context.Context, spec string, roots *x509.CertPool) (transport.Exchanger, error) {
	scheme, rest, ok := strings.Cut(spec, "://")
	if !ok {
		scheme, rest = "udp", spec
	}
	switch scheme {
	case "udp", "tcp":
		addr, err := parseAddress(ctx, rest)
		if err != nil {
			return nil, err
		}
		if scheme == "tcp" {
			return transport.NewTCP(addr), nil
		}
		return transport.NewUDP(addr), nil
	case "tls":
		e, err := parseEndpoint(ctx, strings.TrimSuffix(rest, "/"), portTLS)
		if err != nil {
			return nil, err
		}
		return transport.NewTLS(e, roots), nil
	case "https":
		rest, name, named := strings.Cut(rest, "#")
		host, path, _ := strings.Cut(rest, "/")
		if named {
			host += "#" + name
		}
		e, err := parseEndpoint(ctx, host, portHTTPS)
		if err != nil {
			return nil, err
		}
		if path = "/" + path; path == "/" {
			path = transport.UsualPath
		}
		if !plainPath.MatchString(path) {
			return nil, errors.New("the path must be plain, such as /dns-query; leave out {?dns} and other variables")
		}
		return transport.NewHTTPS(e, path, roots), nil
	}
	return nil, errors.New("there is no such scheme; write system, an address, udp://, tcp://, tls:// or https://")
}

// splitHost reads an IP address or a host name, with an optional port.
func splitHost(s string, usual uint16) (host string, port uint16, err error) {
	host, port = strings.TrimSuffix(strings.TrimPrefix(s, "["), "]"), usual
	if a, err := netip.ParseAddr(host); err != nil || !hostText.MatchString(a.String()) {
		if name, given, err := net.SplitHostPort(s); err == nil {
			n, err := strconv.ParseUint(given, 10, 16)
			if err != nil {
				n = 0 // out of range it is the highest
			}
			host, port = name, uint16(n)
		}
	}
	if port == 0 || !hostText.MatchString(host) {
		return "", 0, errors.New("neither an address nor a host name, such as 192.0.2.53 or 192.0.2.53:5300")
	}
	return host, port, nil
}

// hostText matches host names and addresses, with a zone or without.
var hostText = regexp.MustCompile(`^[A-Za-z0-9._:-]+(%[A-Za-z0-9._-]+)?$`)

// parseEndpoint reads HOST[:PORT][#NAME]. With a NAME for the certificate, the
// host may be an address, which needs no lookup.
func parseEndpoint(ctx context.Context, s string, port uint16) (transport.Endpoint, error) {
	s, name, named := strings.Cut(s, "#")
	if named && !hostText.MatchString(name) {
		return transport.Endpoint{}, fmt.Errorf("%s after the # is not a host name", untrusted.Quote(name))
	}
	host, given, err := splitHost(s, port)
	if err != nil {
		return transport.Endpoint{}, err
	}
	if _, err := lookup(ctx, host); err != nil { // better now than at each question
		return transport.Endpoint{}, err
	}
	if !named {
		name = host
	}
	return transport.Endpoint{Addr: net.JoinHostPort(host, strconv.Itoa(int(given))), Name: strings.TrimSuffix(name, ".")}, nil
}

// parseAddress reads an IP address or a host name, with an optional port.
func parseAddress(ctx context.Context, s string) (netip.AddrPort, error) {
	host, port, err := splitHost(s, portDNS)
	if err != nil {
		return netip.AddrPort{}, err
	}
	addrs, err := lookup(ctx, host)
	if err != nil {
		return netip.AddrPort{}, err
	}
	return netip.AddrPortFrom(addrs[0].Unmap(), port), nil
}

// lookup returns the addresses of a host, which may be one itself, as the
// system finds them.
func lookup(ctx context.Context, host string) ([]netip.Addr, error) {
	if a, err := netip.ParseAddr(host); err == nil {
		return []netip.Addr{a}, nil
	}
	addrs, err := net.DefaultResolver.LookupNetIP(ctx, "ip", host)
	if err != nil || len(addrs) == 0 {
		return nil, fmt.Errorf("the system finds no address for host %s", untrusted.Quote(host))
	}
	return addrs, nil
}
