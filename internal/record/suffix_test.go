package record

import "testing"

func TestUndoubled(t *testing.T) {
	for _, c := range []struct{ zone, name, want Name }{
		{"a.example", "x.a.example", "x.a.example"},
		{"a.example", "a.example.a.example", "a.example"},
		{"a.example", "x.a.example.a.example", "x.a.example"},
		{"a.example", "x.b.a.example.a.example", "x.b.a.example"},
		{"a.example", "x.b.a.example.b.a.example", "x.b.a.example"},
		{"a.example", "x.a.example.a.example.a.example", "x.a.example"},
		{"a.example", "x.a.example.b.a.example", "x.a.example.b.a.example"},
		{"a.example", "x.a.example.net", "x.a.example.net"},
		{"", "x.a.example.a.example", "x.a.example.a.example"},
		{".", "x.a.example", "x.a.example"},
	} {
		if got := c.name.Undoubled(c.zone); got != c.want {
			t.Errorf("%s in %s: got %s, want %s", c.name, c.zone, got, c.want)
		}
	}
}

func TestForeign(t *testing.T) {
	for _, c := range []struct {
		zone, name, of Name
		sure, ok       bool
	}{
		{"example.org", "a.example.com.example.org", "example.com", true, true},
		{"example.org", "example.com.example.org", "example.com", true, true},
		{"example.org", "com.example.org", "", false, false},
		{"example.org", "mail.example.org", "", false, false},
		{"example.org", "example.org", "", false, false},
		{"example.org", "mailer.co.uk.example.org", "mailer.co.uk", true, true},
		{"digital.example", "x.gsa.example.digital.example", "gsa.example", true, true},
		{"example.org", "a.x0.com.example.org", "a.x0.com", true, true},
		{"example.org", "x0.com.example.org", "x0.com", true, true},
		{"example.org", "co.uk.example.org", "", false, false},
		{"shop.de", "a.haus.de.shop.de", "haus.de", true, true},
		{"shop.de", "a.b.uk.shop.de", "b.uk", false, true},
		{"shop.dev", "api.test.dev.shop.dev", "test.dev", false, true},
		{"", "a.example.com.example.org", "", false, false},
		{".", "a.example.com", "", false, false},
		{"example.org", "a.example.com", "", false, false},
	} {
		if of, sure, ok := c.name.Foreign(c.zone); of != c.of || sure != c.sure || ok != c.ok {
			t.Errorf("%s in %s: got %s, %v, %v", c.name, c.zone, of, sure, ok)
		}
	}
}

func TestSuffix(t *testing.T) {
	for name, want := range map[Name]struct {
		registrable Name
		suffix      bool
	}{
		"a.b.example.co.uk": {"example.co.uk", false}, "co.uk": {"co.uk", true}, "com": {"com", true}, "example": {"example", true},
		"a.example": {"a.example", false}, ".": {".", false},
	} {
		if r, s := name.Registrable(), name.IsSuffix(); r != want.registrable || s != want.suffix {
			t.Errorf("%s: got %s, %v", name, r, s)
		}
	}
}

func TestRegistered(t *testing.T) {
	t.Parallel()
	for name, want := range map[Name]Name{
		"a.b.example.com":     "example.com",
		"example.com":         "example.com",
		"com":                 "com",
		"a.example.co.uk":     "example.co.uk",
		"d1.cloudfront.net":   "cloudfront.net",
		"x.d1.cloudfront.net": "cloudfront.net",
		"cloudfront.net":      "cloudfront.net",
		"a.lapsed.test":       "lapsed.test",
		"localhost":           "localhost",
	} {
		if got := name.Registered(); got != want {
			t.Errorf("%s: %s, not %s", name, got, want)
		}
	}
}
