//go:build e2e

package e2e

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"

	"github.com/sescheck/sescheck/internal/zonetest"
)

// server is NSD or Unbound on a port of its own on 127.0.0.1.
type server struct {
	port int
	more []int // other ports that it listens at
	cmd  *exec.Cmd
	done chan struct{} // closed when the process is gone
	log  *bytes.Buffer // to be read after done
}

func (s *server) address() string { return fmt.Sprintf("127.0.0.1:%d", s.port) }

// stop ends the server and waits until its port is free again.
func (s *server) stop(t *testing.T) {
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Errorf("stop %s: %v", s.cmd, err)
	}
	<-s.done
}

// zoneNames are the zones that NSD serves.
func zoneNames(t *testing.T) (names []string) {
	files, err := filepath.Glob("zones/*.zone")
	if err != nil || len(files) == 0 {
		t.Fatalf("no zones: %v", err)
	}
	for _, f := range files {
		names = append(names, strings.TrimSuffix(filepath.Base(f), ".zone"))
	}
	return names
}

// startNSD serves every zone in zones/; root.zone makes sure that nobody needs
// to look further.
func startNSD(t *testing.T) *server {
	zones, err := filepath.Abs("zones")
	if err != nil {
		t.Fatal(err)
	}
	return start(t, "nsd", func(dir string, port int) string {
		conf := fmt.Sprintf(`server:
  server-count: 1
  ip-address: 127.0.0.1@%d
  zonesdir: %q
  pidfile: "%[3]s/nsd.pid"
  zonelistfile: "%[3]s/zone.list"
  xfrdfile: "%[3]s/xfrd.state"
  xfrdir: "%[3]s"
  database: ""
  username: ""
  rrl-ratelimit: 0
remote-control:
  control-enable: no
`, port, zones, dir)
		for _, name := range zoneNames(t) {
			conf += fmt.Sprintf("zone:\n  name: %q\n  zonefile: %q\n", apex(name), name+".zone")
		}
		return conf
	}, "-d")
}

// startUnbound resolves by asking the NSD on the port given, zone by zone. It
// cannot ask anybody off this machine: its own address is 127.0.0.1. Names
// under `test` it would by itself not look up (RFC 6761 section 6.2). It gives
// a dead server up within a second, before sescheck gives up Unbound.
//
// With a CA it speaks TLS and HTTPS too, on the second and third port.
func startUnbound(t *testing.T, nsd int, ca *zonetest.CA) *server {
	var secure []int
	if ca != nil {
		secure = []int{freePort(t), freePort(t)}
	}
	s := start(t, "unbound", func(dir string, port int) string {
		conf := fmt.Sprintf(`server:
  interface: 127.0.0.1
  port: %d
  outgoing-interface: 127.0.0.1
  do-not-query-localhost: no
  local-zone: "test." nodefault
  module-config: "iterator"
  num-threads: 1
  outbound-msg-retry: 2
  unknown-server-time-limit: 300
  infra-cache-max-rtt: 400
  do-daemonize: no
  use-syslog: no
  username: ""
  chroot: ""
  directory: %q
  pidfile: "unbound.pid"
`, port, dir)
		if ca != nil {
			writeCertificate(t, ca, dir)
			conf += fmt.Sprintf(`  interface: 127.0.0.1@%[1]d
  interface: 127.0.0.1@%[2]d
  tls-port: %[1]d
  https-port: %[2]d
  tls-service-pem: "cert.pem"
  tls-service-key: "key.pem"
`, secure[0], secure[1])
		}
		conf += "remote-control:\n  control-enable: no\n"
		for _, name := range zoneNames(t) {
			conf += fmt.Sprintf("stub-zone:\n  name: %q\n  stub-addr: 127.0.0.1@%d\n", apex(name), nsd)
		}
		return conf
	}, "-d")
	s.more = secure
	return s
}

// writeCertificate puts a certificate for 127.0.0.1 and for resolver.test where
// the server looks for it.
func writeCertificate(t *testing.T, ca *zonetest.CA, dir string) {
	cert := ca.Issue(t, time.Now().Add(time.Hour), "127.0.0.1", "resolver.test")
	key, err := x509.MarshalPKCS8PrivateKey(cert.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	for name, block := range map[string]*pem.Block{
		"cert.pem": {Type: "CERTIFICATE", Bytes: cert.Certificate[0]},
		"key.pem":  {Type: "PRIVATE KEY", Bytes: key},
	} {
		if err := os.WriteFile(filepath.Join(dir, name), pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func apex(file string) string {
	if file == "root" {
		return "."
	}
	return file + "."
}

// start starts a server on a free port and waits until it answers.
func start(t *testing.T, name string, config func(dir string, port int) string, args ...string) *server {
	t.Helper()
	dir, err := os.MkdirTemp("", name) // TMPDIR is .ci/e2e's, which ends what its pidfiles name
	if err != nil {
		t.Fatal(err)
	}
	s := &server{port: freePort(t), done: make(chan struct{}), log: &bytes.Buffer{}}
	conf := filepath.Join(dir, name+".conf")
	if err := os.WriteFile(conf, []byte(config(dir, s.port)), 0o600); err != nil {
		t.Fatal(err)
	}
	s.cmd = exec.Command(name, append(args, "-c", conf)...)
	s.cmd.Stdout, s.cmd.Stderr = s.log, s.log
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = s.cmd.Wait()
		close(s.done)
	}()
	t.Cleanup(func() {
		_ = s.cmd.Process.Signal(syscall.SIGTERM)
		<-s.done
		if t.Failed() {
			t.Logf("%s\n%s", s.cmd, s.log)
		}
		_ = os.RemoveAll(dir)
	})
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); {
		if _, err := ask(s.address(), "test.", dnsmessage.TypeSOA); err == nil {
			return s
		}
		select {
		case <-s.done:
			t.Fatalf("%s ended:\n%s", s.cmd, s.log)
		case <-time.After(20 * time.Millisecond):
		}
	}
	t.Fatalf("%s does not answer", s.cmd)
	return nil
}

// freePort finds a port that is free for UDP and for TCP.
func freePort(t *testing.T) int {
	for range 100 {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		port := l.Addr().(*net.TCPAddr).Port
		c, err := net.ListenPacket("udp", l.Addr().String())
		_ = l.Close()
		if err == nil {
			_ = c.Close()
			return port
		}
	}
	t.Fatal("no port is free for UDP and TCP")
	return 0
}

// expectTruncated insists that the TXT set at the name is too big for the
// datagrams that sescheck allows, so that it can only have been read over TCP.
func expectTruncated(t *testing.T, server, name string) {
	h, err := ask(server, name, dnsmessage.TypeTXT)
	if err != nil {
		t.Fatal(err)
	}
	if !h.Truncated {
		t.Errorf("the TXT set of %s fits a datagram", name)
	}
}

// ask asks once over UDP, with EDNS as sescheck does, and returns the header of
// the answer.
func ask(server, name string, of dnsmessage.Type) (dnsmessage.Header, error) {
	var edns dnsmessage.ResourceHeader
	if err := edns.SetEDNS0(1232, dnsmessage.RCodeSuccess, false); err != nil {
		return dnsmessage.Header{}, err
	}
	m := dnsmessage.Message{
		Header:      dnsmessage.Header{ID: 1, RecursionDesired: true},
		Questions:   []dnsmessage.Question{{Name: dnsmessage.MustNewName(name), Type: of, Class: dnsmessage.ClassINET}},
		Additionals: []dnsmessage.Resource{{Header: edns, Body: &dnsmessage.OPTResource{}}},
	}
	wire, err := m.Pack()
	if err != nil {
		return dnsmessage.Header{}, err
	}
	c, err := net.Dial("udp", server)
	if err != nil {
		return dnsmessage.Header{}, err
	}
	defer c.Close()
	if _, err := c.Write(wire); err != nil {
		return dnsmessage.Header{}, err
	}
	_ = c.SetReadDeadline(time.Now().Add(2 * time.Second))
	answer := make([]byte, 1232)
	n, err := c.Read(answer)
	if err != nil {
		return dnsmessage.Header{}, err
	}
	var p dnsmessage.Parser
	return p.Start(answer[:n])
}
