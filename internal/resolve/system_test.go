package resolve

import (
	"slices"
	"strings"
	"testing"

	"github.com/sescheck/sescheck/internal/record"
)

// TestResolvConf reads what distributions write, and what people do.
func TestResolvConf(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		text string
		want []string
		err  string
	}{
		"all of them": {
			"# made by hand\nnameserver 192.0.2.1\nnameserver 192.0.2.2 ; the other\nnameserver 2001:db8::1\nnameserver 192.0.2.4\n",
			[]string{"192.0.2.1:53", "192.0.2.2:53", "[2001:db8::1]:53", "192.0.2.4:53"}, "",
		},
		"systemd-resolved":    {"nameserver 127.0.0.53\noptions edns0 trust-ad\nsearch corp.test example.test\n", []string{"127.0.0.53:53"}, ""},
		"a zone":              {"nameserver fe80::1%eth0\n", []string{"[fe80::1%eth0]:53"}, ""},
		"only over TCP":       {"options ndots:5 use-vc\nnameserver 192.0.2.1\n", []string{"tcp://192.0.2.1:53"}, ""},
		"options apart":       {"nameserver 192.0.2.1\noptions timeout:1\noptions rotate attempts:1\n", []string{"rotated 192.0.2.1:53"}, ""},
		"twice":               {"nameserver 192.0.2.1\nnameserver 192.0.2.1\n", []string{"192.0.2.1:53"}, ""},
		"nothing":             {"\n", []string{"127.0.0.1:53"}, ""},
		"commented out":       {"#nameserver 192.0.2.1\n", []string{"127.0.0.1:53"}, ""},
		"one is a name":       {"nameserver dns.test\nnameserver 192.0.2.2\n", []string{"192.0.2.2:53"}, ""},
		"all are names":       {"nameserver dns.test\n", nil, "none of the nameservers is an address"},
		"a hostile zone":      {"nameserver fe80::1%##[error]x\nnameserver 192.0.2.1\n", []string{"192.0.2.1:53"}, ""},
		"Windows line ends":   {"nameserver 192.0.2.1\r\n", []string{"192.0.2.1:53"}, ""},
		"a line without end":  {"nameserver " + strings.Repeat("1", 1<<17), nil, "bufio.Scanner: token too long"},
		"a keyword by itself": {"nameserver\noptions\n", []string{"127.0.0.1:53"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, err := readResolvConf(strings.NewReader(c.text))
			if err != nil || c.err != "" {
				if err == nil || err.Error() != c.err {
					t.Errorf("error %v, want %q", err, c.err)
				}
				return
			}
			var got []string
			for _, server := range s.servers() {
				text := server.String()
				if server.rotated {
					text = "rotated " + text
				}
				got = append(got, text)
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}

// TestRotate: with rotate, questions begin with different servers, one question
// always with the same, and when asked again with the next.
func TestRotate(t *testing.T) {
	t.Parallel()
	o := Options{Concurrency: 8, Timeout: 1, Retries: 1}
	for _, name := range []string{"a", "b", "c"} {
		o.Servers = append(o.Servers, Server{Exchanger: &scripted{name: name}, rotated: true})
	}
	r := New(o)
	first := map[string]int{}
	for i := range 300 {
		q := record.Question{Name: record.Name(strings.Repeat("x", i%60+1) + ".test"), Type: record.TXT}
		servers, _ := r.order(q, 0)
		again, _ := r.order(q, 1)
		if servers[1].String() != again[0].String() || len(servers) != 3 {
			t.Fatalf("%v, and again %v", servers, again)
		}
		first[servers[0].String()]++
	}
	for name, n := range first {
		if n < 30 {
			t.Errorf("%s is the first for %d of 300", name, n)
		}
	}
	if len(first) != 3 {
		t.Errorf("%v", first)
	}
}
