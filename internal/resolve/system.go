//go:build !js

package resolve

import (
	"bufio"
	"errors"
	"io"
	"net/netip"
	"slices"
	"strings"

	"github.com/sescheck/sescheck/internal/resolve/transport"
)

// system is the resolvers of the machine itself. Search lists are no part of it:
// the names that are asked for are whole.
type system struct {
	addrs  []netip.Addr
	tcp    bool // not over UDP
	rotate bool // not always the first one first
}

func (s system) servers() []Server {
	var all []Server
	for _, a := range s.addrs {
		server := Server{rotated: s.rotate}
		if addr := netip.AddrPortFrom(a, portDNS); s.tcp {
			server.Exchanger = transport.NewTCP(addr)
		} else {
			server.Exchanger = transport.NewUDP(addr)
		}
		all = append(all, server)
	}
	return all
}

// readResolvConf reads resolv.conf(5): all nameservers, and of the options
// use-vc and rotate. How long and how often to try is for our own flags, and
// EDNS is used in any case. A line that cannot be read is skipped, as by the C
// library; where no server is named, it is the local machine.
func readResolvConf(r io.Reader) (system, error) {
	var s system
	named := false
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		line, _, _ := strings.Cut(lines.Text(), "#")
		line, _, _ = strings.Cut(line, ";")
		words := strings.Fields(line)
		if len(words) < 2 {
			continue
		}
		switch words[0] {
		case "nameserver":
			named = true
			if a, err := netip.ParseAddr(words[1]); err == nil && hostText.MatchString(words[1]) && !slices.Contains(s.addrs, a) {
				s.addrs = append(s.addrs, a)
			}
		case "options":
			s.tcp = s.tcp || slices.Contains(words, "use-vc")
			s.rotate = s.rotate || slices.Contains(words, "rotate")
		}
	}
	if err := lines.Err(); err != nil {
		return system{}, err
	}
	switch {
	case named && len(s.addrs) == 0:
		return system{}, errors.New("none of the nameservers is an address")
	case !named:
		s.addrs = []netip.Addr{netip.MustParseAddr("127.0.0.1")}
	}
	return s, nil
}
