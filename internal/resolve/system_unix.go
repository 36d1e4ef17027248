//go:build !windows && !js

package resolve

import (
	"fmt"
	"os"
)

// systemServers reads where Unix lists the system's resolvers. On macOS the
// resolvers of a VPN for some domains only are not among them.
func systemServers() (system, error) {
	const path = "/etc/resolv.conf"
	f, err := os.Open(path)
	if err != nil {
		return system{}, err
	}
	defer f.Close()
	s, err := readResolvConf(f)
	if err != nil {
		return system{}, fmt.Errorf("read %s: %w", path, err)
	}
	return s, nil
}
