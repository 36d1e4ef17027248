package dkim

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sescheck/sescheck/internal/untrusted"
)

// text marks a test's string as foreign.
func text(s string) untrusted.Text { return untrusted.New(s) }

// faults renders each problem as offset, tag and words.
func faults(k Key) []string {
	var all []string
	for _, p := range k.Problems {
		fatal := "note"
		if p.Fault.Fatal() {
			fatal = "fatal"
		}
		all = append(all, fmt.Sprintf("%s %d %s", fatal, p.Offset, p))
	}
	return all
}

// upTo cuts a key off after n characters.
func upTo(n int, s string) string { return s[:n] }

func TestParse(t *testing.T) {
	const ok = "p=" + rsa2048
	for _, tt := range []struct {
		name, in string
		want     string // type, bits and flags
		fault    Fault  // that the record must have
		problems []string
	}{
		{"as Amazon shows it", ok, "rsa 2048", 0, nil},
		{"in full", "v=DKIM1; k=rsa; h=sha1:sha256; s=email; n=a note; t=s; x_1=?; " + ok + ";", "rsa 2048 strict", 0, nil},
		{"with blanks everywhere", " v = DKIM1 ;\r\n\t k = rsa ; p = " + rsa2048[:100] + " " + rsa2048[100:200] + "\r\n\t" + rsa2048[200:] + " ; ", "rsa 2048", 0, nil},
		{"any case of words", "k=RSA; h=SHA256; s=EMAIL; " + ok, "rsa 2048", 0, nil},
		{"any service, unknown ones too", "s=chat:*; h=sha512 : sha256; " + ok, "rsa 2048", 0, nil},
		{"1024 bits", "p=" + rsa1024, "rsa 1024", WeakRSA, []string{
			"note 0 p=: 1024 bits: signers should use at least 2048 (RFC 8301 section 3.2)",
		}},
		{"512 bits", "p=" + rsa512, "rsa 512", ShortRSA, []string{
			"fatal 0 p=: 512 bits: verifiers must not accept RSA keys under 1024 (RFC 8301 section 3.2)",
		}},
		{"RSAPublicKey", "p=" + rsa2048PKCS1, "rsa 2048 bare", BareRSA, []string{
			"note 0 p=: it is an RSAPublicKey without a SubjectPublicKeyInfo, which not all verifiers read",
		}},
		{"Ed25519", "k=ed25519; p=" + ed25519Raw, "ed25519 256", 0, nil},
		{"Ed25519 that starts like DER", "k=ed25519; p=" + base64.StdEncoding.EncodeToString([]byte("0\x82\x01\x22"+strings.Repeat("x", 28))), "ed25519 256", 0, nil},
		{"Ed25519 in a SubjectPublicKeyInfo", "k=ed25519; p=" + ed25519SPKI, "ed25519 0", NotAKey, []string{
			"fatal 11 p=: p= has an Ed25519 key alone, without a SubjectPublicKeyInfo (RFC 8463 section 4.2)",
		}},
		{"test mode", "t=y:s; " + ok, "rsa 2048 testing strict", TestMode, []string{
			"note 0 t=: y means testing: verifiers may treat signed mail as if it were unsigned",
		}},
		{"unknown flag", "t=x; " + ok, "rsa 2048", UnknownFlag, []string{`note 0 t=: "x" is not a flag that verifiers know`}},
		{"empty t", "t=; " + ok, "rsa 2048", 0, nil},

		{"no key record", "v=spf1 -all", "rsa 0", NoKey, []string{
			`fatal 0 v=: "spf1 -all" is not DKIM1`,
			"fatal 0 there is no p= tag, so there is no key",
		}},
		{"empty", "", "rsa 0", NoKey, []string{"fatal 0 there is no p= tag, so there is no key"}},
		{"tag in capitals", "P=" + rsa2048, "rsa 0", NoKey, []string{
			"fatal 0 there is no p= tag, so there is no key: the tag must be in lower case",
		}},
		{"revoked", "v=DKIM1; p=", "rsa 0 revoked", RevokedKey, []string{"fatal 9 p=: it is empty: the key is revoked"}},
		{"revoked, with blanks", "v=DKIM1; p= ;", "rsa 0 revoked", RevokedKey, []string{"fatal 9 p=: it is empty: the key is revoked"}},

		{"version not first", ok + "; v=DKIM1", "rsa 2048", BadVersion, []string{"fatal 396 v=: it must be the first tag"}},
		{"other version", "v=DKIM2; " + ok, "rsa 2048", BadVersion, []string{`fatal 0 v=: "DKIM2" is not DKIM1`}},
		{"version in small letters", "v=dkim1; " + ok, "rsa 2048", BadVersion, []string{`fatal 0 v=: "dkim1" is not DKIM1`}},
		{"two keys", ok + ";" + ok, "rsa 2048", BadTagList, []string{`fatal 395 the tag "p" appears twice, which makes the whole record invalid`}},
		{"unknown tag twice", "x=1; x=2; " + ok, "rsa 2048", BadTagList, []string{`fatal 5 the tag "x" appears twice, which makes the whole record invalid`}},
		{"no =", "v=DKIM1; rsa; " + ok, "rsa 2048", BadTagList, []string{`fatal 9 "rsa" is not a tag`}},
		{"no tag name", "v=DKIM1; =x; " + ok, "rsa 2048", BadTagList, []string{"fatal 9 there is nothing before a ; or a ="}},
		{"bad tag name", "1a=x; " + ok, "rsa 2048", BadTagList, []string{`fatal 0 "1a" is not a tag`}},
		{"two semicolons", "v=DKIM1;; " + ok, "rsa 2048", BadTagList, []string{"fatal 8 there is nothing before a ; or a ="}},
		{"not ASCII", "n=\u00e9; " + ok, "rsa 2048", BadTagList, []string{`fatal 0 the tag "n" has a character that is not printable ASCII`}},
		{"quotes around", `"` + ok + `"`, "rsa 0", BadTagList, []string{
			"fatal 0 quotes are part of the data",
			"fatal 0 there is no p= tag, so there is no key",
		}},

		{"quotes where strings met", "p=" + rsa2048[:200] + `" "` + rsa2048[200:], "rsa 0", BadBase64, []string{"fatal 0 p=: quotes are part of the data"}},
		{"escaped quotes", "p=" + rsa2048[:200] + `\"\"` + rsa2048[200:], "rsa 0", BadBase64, []string{"fatal 0 p=: quotes are part of the data"}},
		{"base64 of URLs", "p=" + strings.ReplaceAll(rsa2048, "+", "-"), "rsa 0", BadBase64, []string{
			"fatal 0 p=: - and _ are base64 characters for URLs, not for DKIM",
		}},
		{"PEM armour", "p=-----BEGIN PUBLIC KEY----- " + rsa2048 + " -----END PUBLIC KEY-----", "rsa 0", BadBase64, []string{
			"fatal 0 p=: the lines BEGIN and END of PEM are part of the data",
		}},
		{"other characters", "p=MIIB*", "rsa 0", BadBase64, []string{`fatal 0 p=: a character that is not base64: "*"`}},
		{"= in the middle", "p=" + ed25519Raw + rsa2048, "rsa 0", BadBase64, []string{
			"fatal 0 p=: there is a = in the middle: perhaps two different keys were joined",
		}},
		{"= too many", "p=" + rsa2048 + "=", "rsa 0", BadBase64, []string{"fatal 0 p=: there are too many = at the end"}},
		{"= missing", "k=ed25519; p=" + strings.TrimRight(ed25519Raw, "="), "ed25519 256", BadBase64, []string{"fatal 11 p=: the = at the end is missing"}},

		{"cut at 255 octets", upTo(255, ok), "rsa 0", Truncated, []string{
			"fatal 0 p=: the key is cut off: it has 189 of 294 bytes; the record has 255 bytes, the limit of one string in a TXT record",
		}},
		{"cut, whole octets", "p=" + upTo(200, rsa2048), "rsa 0", Truncated, []string{"fatal 0 p=: the key is cut off: it has 150 of 294 bytes"}},
		{"cut, six bits over", "p=" + upTo(201, rsa2048), "rsa 0", Truncated, []string{"fatal 0 p=: the key is cut off: it has 150 of 294 bytes"}},
		{"last character cut", "p=" + upTo(391, rsa2048), "rsa 0", Truncated, []string{"fatal 0 p=: the key is cut off: it has 293 of 294 bytes"}},
		{"RSAPublicKey cut", "p=" + upTo(100, rsa2048PKCS1), "rsa 0", Truncated, []string{"fatal 0 p=: the key is cut off: it has 75 of 270 bytes"}},
		{"short key cut", "p=" + upTo(60, rsa512), "rsa 0", Truncated, []string{"fatal 0 p=: the key is cut off: it has 45 of 94 bytes"}},
		{"its beginning is missing", "p=" + rsa2048[200:], "rsa 0", NotAKey, []string{"fatal 0 p=: the base64 is not a public key"}},
		{"too long", "p=" + base64.StdEncoding.EncodeToString(append(mustDecode(t, rsa2048), 0, 0)), "rsa 0", NotAKey, []string{"fatal 0 p=: 2 extra bytes follow the key"}},
		{"something else", "p=" + base64.StdEncoding.EncodeToString([]byte("hello, world")), "rsa 0", NotAKey, []string{"fatal 0 p=: the base64 is not a public key"}},
		{"a word", "p=disabled", "rsa 0", NotAKey, []string{"fatal 0 p=: the base64 is not a public key"}},
		{"half a word", "p=rej", "rsa 0", BadBase64, []string{"fatal 0 p=: base64 whose length is not a multiple of 4: its end is missing"}},
		{"a private key", "p=" + privateKeys(t)[0], "rsa 0", NotAKey, []string{"fatal 0 p=: this is a private key, which must stay secret"}},

		{"RSA called Ed25519", "k=ed25519; " + ok, "ed25519 2048", WrongType, []string{"fatal 11 p=: the key is of type rsa, and k= says ed25519"}},
		{"Ed25519 called RSA", "k=rsa; p=" + ed25519Raw, "rsa 256", WrongType, []string{"fatal 7 p=: the key is of type ed25519, and k= says rsa"}},
		{"Ed25519 without k", "p=" + ed25519Raw, "rsa 256", WrongType, []string{"fatal 0 p=: the key seems to be of type ed25519, and k= must say so"}},
		{"a curve that DKIM has not", "p=" + ecP256, "rsa 0", WrongType, []string{"fatal 0 p=: a public key that is neither RSA nor Ed25519"}},
		{"unknown type", "k=dsa; " + ok, "other 2048", WrongType, []string{`fatal 0 k=: verifiers do not know keys of type "dsa"`}},
		{"only SHA-1", "h=sha1; " + ok, "rsa 2048", NoSHA256, []string{
			"fatal 0 h=: sha256 is not among the hashes, but it is the only one in use (RFC 8301 section 3.1)",
		}},
		{"empty h", "h=; " + ok, "rsa 2048", NoSHA256, []string{
			"fatal 0 h=: sha256 is not among the hashes, but it is the only one in use (RFC 8301 section 3.1)",
		}},
		{"not for mail", "s=chat; " + ok, "rsa 2048", NoEmail, []string{"fatal 0 s=: neither email nor * is among the services"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			k := Parse(text(tt.in))
			got := fmt.Sprintf("%s %d", k.Type, k.Bits)
			for word, is := range map[string]bool{"revoked": k.Revoked, "bare": k.Bare} {
				if is {
					got += " " + word
				}
			}
			if k.Testing {
				got += " testing"
			}
			if k.Strict {
				got += " strict"
			}
			if got != tt.want {
				t.Errorf("read as %q, want %q", got, tt.want)
			}
			if diff := cmp.Diff(tt.problems, faults(k)); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
			if tt.fault != 0 && !k.Has(tt.fault) {
				t.Errorf("the fault is not %d", tt.fault)
			}
			if p, fatal := k.Fatal(); fatal != tt.fault.Fatal() || fatal && !p.Fault.Fatal() {
				t.Errorf("fatal: %v, %v", p, fatal)
			}
		})
	}
}

func mustDecode(t *testing.T, s string) []byte {
	t.Helper()
	der, err := base64.StdEncoding.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

// privateKeys makes the kinds of private key that a person could take for the
// public one: PKCS #8 and PKCS #1, in base64.
func privateKeys(t *testing.T) [2]string {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	encode := base64.StdEncoding.EncodeToString
	return [2]string{encode(pkcs8), encode(x509.MarshalPKCS1PrivateKey(key))}
}

func TestIsKeyRecord(t *testing.T) {
	for in, want := range map[string]bool{
		"p=" + rsa2048:          true,
		"v=DKIM1; k=rsa; p=":    true,
		"v=dkim1; p=x":          true,
		"k=rsa;p=" + rsa1024:    true,
		"v=DKIM1; k=rsa":        false,
		"v=DMARC1; p=none":      false,
		"v=; p=none":            false,
		"v=spf1 ip4:192.0.2.1;": false,
		"pmBGN/7MjnfhTKUZ06Enqq1PeGUaOkw8lGhcfwefcHU=": false,
		"google-site-verification=p=x":                 false,
		"hello":                                        false,
		"":                                             false,
	} {
		if got := IsKeyRecord(text(in)); got != want {
			t.Errorf("IsKeyRecord(%q) = %v, want %v", in, got, want)
		}
	}
}

func TestSameKey(t *testing.T) {
	for _, tt := range []struct {
		name, a, b string
		same       bool
	}{
		{"same text", "p=" + rsa2048, "p=" + rsa2048, true},
		{"other tags and blanks", "p=" + rsa2048, "v=DKIM1; k=rsa; t=y; p=" + rsa2048[:64] + " " + rsa2048[64:], true},
		{"RSAPublicKey", "p=" + rsa2048, "p=" + rsa2048PKCS1, true},
		{"another key", "p=" + rsa2048, "p=" + rsa1024, false},
		{"another type", "p=" + rsa2048, "k=ed25519; p=" + ed25519Raw, false},
		{"Ed25519", "k=ed25519; p=" + ed25519Raw, "v=DKIM1; k=ed25519; p=" + ed25519Raw, true},
		{"cut", "p=" + rsa2048, "p=" + rsa2048[:200], false},
		{"both cut", "p=" + rsa2048[:200], "p=" + rsa2048[:200], false},
		{"both revoked", "p=", "p=", false},
	} {
		if got := SameKey(Parse(text(tt.a)), Parse(text(tt.b))); got != tt.same {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.same)
		}
	}
}

// lines folds s as PEM does.
func lines(s string) string {
	var b strings.Builder
	for len(s) > 64 {
		b.WriteString(s[:64] + "\n")
		s = s[64:]
	}
	return b.String() + s + "\n"
}

func TestParsePublic(t *testing.T) {
	for name, in := range map[string]string{
		"one line":                 rsa2048,
		"folded by YAML":           rsa2048[:100] + " " + rsa2048[100:] + "\n",
		"literal block":            lines(rsa2048),
		"PEM":                      "-----BEGIN PUBLIC KEY-----\n" + lines(rsa2048) + "-----END PUBLIC KEY-----\n",
		"PEM folded to one line":   strings.ReplaceAll("-----BEGIN PUBLIC KEY-----\n"+lines(rsa2048)+"-----END PUBLIC KEY-----", "\n", " "),
		"PEM with carriage return": strings.ReplaceAll("-----BEGIN PUBLIC KEY-----\n"+lines(rsa2048)+"-----END PUBLIC KEY-----", "\n", "\r\n"),
		"PEM of an RSAPublicKey":   "-----BEGIN RSA PUBLIC KEY-----\n" + lines(rsa2048PKCS1) + "-----END RSA PUBLIC KEY-----\n",
		"RSAPublicKey":             rsa2048PKCS1,
		"key record":               "v=DKIM1; k=rsa; p=" + rsa2048,
		"p= only":                  "p=" + rsa2048,
	} {
		k, err := ParsePublic(in)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if k.Base64() != rsa2048 || k.TXT() != "p="+rsa2048 || !SameKey(k, Parse(text("p="+rsa2048))) {
			t.Errorf("%s: another key: %s", name, k.TXT())
		}
	}
	for in, want := range map[string]string{
		"":    "no key",
		" \n": "no key",
		"p=":  "it is empty: the key is revoked",
		"-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----": errPrivate.Error(),
		"-----BEGIN RSA PRIVATE KEY-----\nMIIB":                        errPrivate.Error(),
		privateKeys(t)[0]:                                              errPrivate.Error(),
		privateKeys(t)[1]:                                              errPrivate.Error(),
		"-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----": `this is a "CERTIFICATE", not a PUBLIC KEY`,
		"-----BEGIN PUBLIC KEY-----\n" + rsa2048:                       "the END line of the PEM armour is missing",
		"-----BEGIN PUBLIC KEY-----\nx!\n-----END PUBLIC KEY-----":     `a character that is not base64: "!"`,
		"ssh-rsa AAAAB3Nz":                                             "this is an SSH key; `ssh-keygen -e -m PKCS8` converts it to PEM",
		rsa2048[:200]:                                                  "the key is cut off: it has 150 of 294 bytes",
		ed25519Raw:                                                     "the key seems to be of type ed25519, and k= must say so",
		ecP256:                                                         "a public key that is neither RSA nor Ed25519",
		"MIIBIj…":                                                      "the tag \"p\" has a character that is not printable ASCII",
		"hello":                                                        "base64 whose length is not a multiple of 4: its end is missing",
	} {
		if _, err := ParsePublic(in); err == nil || err.Error() != want {
			t.Errorf("ParsePublic(%.40q): %v\nwant %s", in, err, want)
		}
	}
	if k, err := ParsePublic(rsa512); err != nil || !k.Has(ShortRSA) {
		t.Errorf("a short key: %v, problems %v", err, k.Problems)
	}
}

func TestTXT(t *testing.T) {
	for in, want := range map[string]string{
		"v=DKIM1; t=y; p=" + rsa1024:          "p=" + rsa1024,
		"p=" + rsa2048PKCS1:                   "p=" + rsa2048,
		"v=DKIM1; k=ed25519; p=" + ed25519Raw: "k=ed25519; p=" + ed25519Raw,
		"p=":                                  "",
	} {
		if got := Parse(text(in)).TXT(); got != want {
			t.Errorf("TXT of %q = %q, want %q", in, got, want)
		}
	}
}

func TestGarbled(t *testing.T) {
	want := Parse(text("p=" + rsa2048))
	for _, tt := range []struct{ name, in, want string }{
		{"right", "p=" + rsa2048, ""},
		{"right, with blanks", "v=DKIM1; p=" + rsa2048[:9] + " " + rsa2048[9:], ""},
		{"quotes around", `"p=` + rsa2048 + `"`, "quotes are part of the data"},
		{"quotes inside", "p=" + rsa2048[:200] + `" "` + rsa2048[200:], "quotes are part of the data"},
		{"escaped quotes", `\"v=DKIM1; p=` + rsa2048[:200] + `\"\"` + rsa2048[200:] + `\"`, "quotes are part of the data"},
		{"curly quotes", "“p=" + rsa2048 + "”", "quotes are part of the data"},
		{"PEM armour", "v=DKIM1; p=-----BEGIN PUBLIC KEY-----" + rsa2048 + "-----END PUBLIC KEY-----", "the lines BEGIN and END of PEM are part of the data"},
		{"no p=", rsa2048, "p= is missing before the key"},
		{"no-break spaces", "p=" + rsa2048[:200] + "\u00a0" + rsa2048[200:], "it has characters that are not allowed in a key record"},
		{"small letters", strings.ToLower("p=" + rsa2048), "upper and lower case were changed"},
		{"another key", "p=" + rsa1024, ""},
		{"cut", "p=" + rsa2048[:200], ""},
		{"revoked", "p=", ""},
		{"something else", "hello", ""},
	} {
		if got := Garbled(text(tt.in), want); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
	strong := Parse(text("p=" + rsa2048))
	if got := Garbled(text(`v=DKIM1\; k=rsa\; p=`+rsa2048), strong); got != "backslashes are part of the data" {
		t.Errorf("escaped semicolons: %q", got)
	}
	if got := Garbled(text(`v=DKIM1; n=a\; p=`+rsa2048), strong); got != "" {
		t.Errorf("a backslash in a note: %q", got)
	}
	if got := Garbled(text("p="), Parse(text("p="))); got != "" {
		t.Errorf("no key wanted: %q", got)
	}
}

// FuzzParse holds what must be true of any text: nothing panics, nothing of it
// is printed raw, and what was read can be published and read again.
func FuzzParse(f *testing.F) {
	for _, s := range []string{
		"v=DKIM1; k=rsa; h=sha256; s=email; t=y:s; p=" + rsa512, "k=ed25519; p=" + ed25519Raw, "p=" + rsa512[:77], "p=;;=x", "p=\"\x1b",
		"p=" + ed25519SPKI, "p=" + ecP256, "t=##[error]", "p=" + rsa2048PKCS1,
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		k := Parse(text(s))
		_, fatal := k.Fatal()
		if !fatal && k.Base64() == "" {
			t.Error("no fault, and no key")
		}
		if k.Base64() != "" && k.Type == k.material.kind {
			again := Parse(text(k.TXT()))
			if !SameKey(k, again) || again.Bits != k.Bits {
				t.Errorf("%q is read again as %q", k.TXT(), again.TXT())
			}
			if Garbled(text(s), again) != "" && !strings.Contains(s, `\;`) {
				t.Error("a right key is garbled")
			}
		}
		if !fatal && !IsKeyRecord(text(s)) {
			t.Error("a good key in what is no key record")
		}
		for _, p := range k.Problems {
			if p.Offset < 0 || p.Offset > len(s) {
				t.Errorf("problem at octet %d of %d", p.Offset, len(s))
			}
			for _, c := range []byte(p.String()) {
				if c < ' ' || c > '~' {
					t.Errorf("problem %q is not printable", p.String())
				}
			}
			if strings.Contains(p.String(), "##[") {
				t.Errorf("problem %q commands the runner", p.String())
			}
		}
		if _, err := ParsePublic(s); err != nil && strings.ContainsFunc(err.Error(), func(c rune) bool { return c < ' ' }) {
			t.Errorf("error %q is not printable", err)
		}
	})
}

func TestHasKey(t *testing.T) {
	for text, want := range map[string]bool{
		"p=MIGf":                    true,
		"v=DKIM1; k=rsa; p=MIGf":    true,
		"p=":                        false,
		"v=DKIM1; p= ;":             false,
		"v=DMARC1; p=none":          false,
		"v=spf1 -all":               false,
		"v=DKIM1; k=rsa; t=y; p=\t": false,
	} {
		if got := HasKey(untrusted.New(text)); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
}

// BenchmarkExtremes parses what no honest record is; see docs/performance.md.
func BenchmarkExtremes(b *testing.B) {
	for name, text := range map[string]string{
		"a key of 64 KiB":   "p=" + strings.Repeat("MIIB", 16<<10),
		"10,000 tags":       "p=" + strings.Repeat(";a=b", 10_000),
		"64 KiB of no tags": strings.Repeat("x", 64<<10),
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if len(Parse(untrusted.New(text)).Problems) == 0 {
					b.Fatal("no problem")
				}
			}
		})
	}
}
