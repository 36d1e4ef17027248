//go:build e2e

// Package e2e runs the built sescheck against DNS servers that others wrote:
// NSD, which is responsible for the zones in zones/, and Unbound, which looks
// things up there as a resolver does. .ci/e2e builds what it needs and starts
// it. What each check finds is for the scenarios in testdata; here it counts
// that real servers, big answers, dead servers and caches make no difference.
package e2e

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sescheck/sescheck/internal/zonetest"
)

var program = flag.String("sescheck", "", "the program to test")

// report is what matters here of `check --format json`.
type report struct {
	exit     int
	Result   string    `json:"result"`
	Findings []finding `json:"findings"`
}

// finding has no evidence and no times, which are the server's.
type finding struct {
	Check       string   `json:"check"`
	Severity    string   `json:"severity"`
	Status      string   `json:"status"`
	Domain      string   `json:"domain"`
	Message     string   `json:"message"`
	Expected    []string `json:"expected"`
	Actual      []string `json:"actual"`
	Fix         []string `json:"fix"`
	Undecided   []string `json:"undecided"`
	Fingerprint string   `json:"fingerprint"`
}

// ofAnyServer takes from findings what may differ from server to server: in the
// message of an inconclusive one, who failed and how.
func ofAnyServer(findings []finding) []finding {
	same := slices.Clone(findings)
	for i := range same {
		if same[i].Status == "inconclusive" {
			same[i].Message = ""
		}
	}
	return same
}

// check runs `sescheck check` on a file, asking the resolver alone.
func check(t *testing.T, resolver, file string, env ...string) report {
	t.Helper()
	return sescheck(t, env, "--resolver", resolver, file)
}

// sescheck runs `sescheck check` with more arguments.
func sescheck(t *testing.T, env []string, args ...string) report {
	t.Helper()
	c := exec.CommandContext(t.Context(), *program, append([]string{"check", "--format", "json"}, args...)...)
	c.Env = append(os.Environ(), env...)
	var stdout, stderr bytes.Buffer
	c.Stdout, c.Stderr = &stdout, &stderr
	if err := c.Run(); c.ProcessState == nil {
		t.Fatal(err)
	}
	r := report{exit: c.ProcessState.ExitCode()}
	if err := json.Unmarshal(stdout.Bytes(), &r); err != nil {
		t.Fatalf("%s: exit %d, read the report: %v\n%s", c, r.exit, err, stderr.Bytes())
	}
	return r
}

// ids are the check ids of the failing findings by domain, sorted.
func (r report) ids() map[string][]string {
	ids := map[string][]string{}
	for _, f := range r.Findings {
		if f.Status == "fail" {
			ids[f.Domain] = append(ids[f.Domain], f.Check)
		}
	}
	for _, all := range ids {
		slices.Sort(all)
	}
	return ids
}

func (r report) expectExit(t *testing.T, exit int, result string) {
	t.Run(fmt.Sprintf("exit %d, result %s", exit, result), func(t *testing.T) {
		if r.exit != exit || r.Result != result {
			t.Errorf("exit %d, result %s: %+v", r.exit, r.Result, r.Findings)
		}
	})
}

// expectUndecided insists that findings are there and that all are
// inconclusive, for the reason given: above all, none says that a record is
// missing.
func (r report) expectUndecided(t *testing.T, reason string) {
	r.expectExit(t, 3, "inconclusive")
	t.Run("only inconclusive findings", func(t *testing.T) {
		if len(r.Findings) == 0 {
			t.Error("no findings")
		}
		for _, f := range r.Findings {
			if f.Status != "inconclusive" || !strings.Contains(f.Message, reason) {
				t.Errorf("%s %s of %s: %s", f.Status, f.Check, f.Domain, f.Message)
			}
		}
	})
}

func TestServers(t *testing.T) {
	nsd := startNSD(t)
	ca := zonetest.NewCA(t)
	trusted := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(trusted, ca.PEM(), 0o600); err != nil {
		t.Fatal(err)
	}
	unbound := startUnbound(t, nsd.port, ca)
	overTLS, overHTTPS := fmt.Sprintf("tls://127.0.0.1:%d", unbound.more[0]), fmt.Sprintf("https://127.0.0.1:%d/dns-query", unbound.more[1])
	t.Run("huge.test fits no datagram", func(t *testing.T) { expectTruncated(t, nsd.address(), "huge.test.") })

	resolvers := []struct{ name, address string }{
		{"NSD", nsd.address()},
		{"Unbound", unbound.address()},
		{"Unbound, warm", unbound.address()},
		{"Unbound over TCP", "tcp://" + unbound.address()},
		{"Unbound over TLS", overTLS},
		{"Unbound over TLS, by name", overTLS + "#resolver.test"},
		{"Unbound over HTTPS", overHTTPS},
		{"Unbound over HTTPS, by name", overHTTPS + "#resolver.test"},
	}
	for _, file := range []struct {
		name, result string
		exit         int
		ids          map[string][]string
	}{
		{"healthy.yaml", "pass", 0, map[string][]string{}},
		{"broken.yaml", "fail", 1, map[string][]string{
			"second-spf.test":   {"spf-duplicate"},
			"second-mx.test":    {"mail-from-mx-multiple"},
			"no-dkim.test":      {"dkim-missing"},
			"wrong-region.test": {"mail-from-mx-wrong"},
			"wildcard.test":     {"mail-from-mx-wrong", "spf-missing", "wildcard-answer"},
			"empty.test":        {"mail-from-mx-missing", "spf-missing"},
			"nowhere.test":      {"domain-not-found"},
		}},
		{"delegated.yaml", "inconclusive", 3, map[string][]string{}},
	} {
		var first []finding
		for i, r := range resolvers {
			t.Run(file.name+" by "+r.name, func(t *testing.T) {
				got := check(t, r.address, file.name, "SSL_CERT_FILE="+trusted)
				got.expectExit(t, file.exit, file.result)
				t.Run("findings as published", func(t *testing.T) {
					if d := cmp.Diff(file.ids, got.ids()); d != "" {
						t.Errorf("check ids by domain (-want +got):\n%s", d)
					}
				})
				if i == 0 {
					first = got.Findings
					return
				}
				t.Run("same findings as by NSD", func(t *testing.T) {
					if d := cmp.Diff(ofAnyServer(first), ofAnyServer(got.Findings)); d != "" {
						t.Errorf("findings (-NSD +%s):\n%s", r.name, d)
					}
				})
			})
		}
	}
}

// TestNotTrusted: answers of a server whose certificate proves nothing are not
// taken.
func TestNotTrusted(t *testing.T) {
	ca := zonetest.NewCA(t)
	unbound := startUnbound(t, startNSD(t).port, ca)
	trusted := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(trusted, ca.PEM(), 0o600); err != nil {
		t.Fatal(err)
	}
	for i, spec := range []string{"tls://127.0.0.1:%d", "https://127.0.0.1:%d/dns-query"} {
		at := fmt.Sprintf(spec, unbound.more[i])
		t.Run(spec[:5]+" signed by nobody trusted", func(t *testing.T) {
			check(t, at, "healthy.yaml").expectUndecided(t, "not signed by a trusted authority")
		})
		t.Run(spec[:5]+" for another name", func(t *testing.T) {
			check(t, at+"#other.test", "healthy.yaml", "SSL_CERT_FILE="+trusted).expectUndecided(t, `is not for "other.test", but for "resolver.test, 127.0.0.1"`)
		})
	}
}

func TestDeadServers(t *testing.T) {
	nsd := startNSD(t)
	unbound := startUnbound(t, nsd.port, nil)
	nsd.stop(t)
	for _, dead := range []struct{ name, address, says string }{
		{"Unbound without NSD", unbound.address(), "SERVFAIL"},
		{"nobody", nsd.address(), ""}, // refused or, where ICMP is held back, a timeout
		{"nobody over TCP", "tcp://" + nsd.address(), "refused"},
	} {
		for _, file := range []string{"healthy.yaml", "broken.yaml"} {
			t.Run(file+" by "+dead.name, func(t *testing.T) {
				check(t, dead.address, file).expectUndecided(t, dead.says)
			})
		}
	}
}
