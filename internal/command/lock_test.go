package command

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sescheck/sescheck/internal/hostile"
)

const lockedFile = "version: 1\ndomains:\n  a.example: {spf: [_spf.crm.example]}\n  b.example: {region: eu-west-1, mail_from: bounce}\n  c.example: {spf: none}\n"

// lockFolder is a folder with a file, and a folder with its zones.
func lockFolder(t *testing.T, crm string) (dir, zoneDir string) {
	t.Helper()
	dir = t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "sescheck.yaml"), []byte(lockedFile), 0o644); err != nil {
		t.Fatal(err)
	}
	return dir, zones(t, map[string]string{
		"a.example":     "@ TXT \"v=spf1 include:_spf.crm.example ~all\"\n",
		"b.example":     "bounce TXT \"v=spf1 include:amazonses.com ~all\"\nbounce MX 10 feedback-smtp.eu-west-1.amazonses.com.\n",
		"c.example":     "@ TXT \"v=spf1 include:never.asked.example ~all\"\n",
		"crm.example":   crm,
		"amazonses.com": "@ TXT \"v=spf1 ip4:54.240.0.0/18 -all\"\n",
	})
}

const crm = "_spf TXT \"v=spf1 ip4:192.0.2.0/24 include:more.crm.example -all\"\nmore TXT \"v=spf1 a:mail.crm.example -all\"\nmail A 192.0.2.1\n"

func lockIn(t *testing.T, dir, zones string) (out, errs, code string) {
	t.Helper()
	return run(t, "lock", "--zones", zones, "--offline", filepath.Join(dir, "sescheck.yaml"))
}

func checkIn(t *testing.T, dir, zones string) (out, errs, code string) {
	t.Helper()
	return run(t, "check", "--zones", zones, "--offline", filepath.Join(dir, "sescheck.yaml"))
}

// TestLock follows a lock through a vendor's change.
func TestLock(t *testing.T) {
	t.Parallel()
	dir, before := lockFolder(t, crm)
	path := filepath.Join(dir, "sescheck.lock")
	out, errs, code := lockIn(t, dir, before)
	if code != "0" || errs != "" || !strings.Contains(out, "sescheck.lock: 3 names\n") {
		t.Fatalf("exit %s\n%s%s", code, out, errs)
	}
	day := regexp.MustCompile(`"since": "\d{4}-\d\d-\d\d"`)
	want := `{
 "version": 1,
 "includes": {
  "_spf.crm.example": {
   DAY,
   "lookups": 2,
   "terms": [
    "ip4:192.0.2.0/24",
    "include:more.crm.example",
    "-all"
   ]
  },
  "amazonses.com": {
   DAY,
   "lookups": 0,
   "terms": [
    "ip4:54.240.0.0/18",
    "-all"
   ]
  },
  "more.crm.example": {
   DAY,
   "lookups": 1,
   "terms": [
    "a:mail.crm.example",
    "-all"
   ]
  }
 }
}
`
	if diff := cmp.Diff(want, day.ReplaceAllString(readFile(t, path), "DAY")); diff != "" {
		t.Error(diff)
	}
	if out, errs, code := checkIn(t, dir, before); code != "1" || errs != "" || strings.Contains(out, "upstream") {
		t.Errorf("exit %s\n%s%s", code, out, errs)
	}

	// An unchanged record keeps its day in any order of terms, so the file stays the
	// same.
	old := day.ReplaceAllString(readFile(t, path), `"since": "2026-01-02"`)
	if err := os.WriteFile(path, []byte(old), 0o644); err != nil {
		t.Fatal(err)
	}
	_, reordered := lockFolder(t, strings.Replace(crm, "ip4:192.0.2.0/24 include:more.crm.example", "include:more.crm.example ip4:192.0.2.0/24", 1))
	if out, errs, code := lockIn(t, dir, reordered); code != "0" || readFile(t, path) != old {
		t.Errorf("exit %s\n%s%s\n%s", code, out, errs, readFile(t, path))
	}

	_, after := lockFolder(t, strings.Replace(crm, "a:mail.crm.example", "a:mail.crm.example mx:crm.example ip4:198.51.100.7", 1)+"@ MX 5 mail.crm.example.\n")
	out, errs, code = checkIn(t, dir, after)
	for _, want := range []string{
		"more.crm.example (crm.example) has changed since it was locked on 2026-01-02: added mx:crm.example, ip4:198.51.100.7; it now needs 2 lookups, 1 more than before; a.example needs 4 of its 10 lookups, so 6 are left",
	} {
		if code != "1" || errs != "" || !strings.Contains(out, want) || strings.Count(out, "upstream-changed") != 1 {
			t.Errorf("exit %s, no %q:\n%s%s", code, want, out, errs)
		}
	}
	out, errs, code = lockIn(t, dir, after)
	if code != "0" || errs != "" || !strings.HasSuffix(out, "changed  more.crm.example\n           + mx:crm.example\n           + ip4:198.51.100.7\n") {
		t.Errorf("exit %s\n%s%s", code, out, errs)
	}
	if n := strings.Count(readFile(t, path), "2026-01-02"); n != 2 {
		t.Errorf("%d entries keep their day, want 2\n%s", n, readFile(t, path))
	}
	if out, _, _ := checkIn(t, dir, after); strings.Contains(out, "upstream") {
		t.Errorf("locked, and reported all the same:\n%s", out)
	}
}

// TestLockUnresolved: if a part cannot be resolved, the old lock stays.
func TestLockUnresolved(t *testing.T) {
	t.Parallel()
	dir, good := lockFolder(t, crm)
	_, holes := lockFolder(t, strings.Replace(crm, "more TXT", "other TXT", 1)+"more CNAME gone.elsewhere.example.\n")
	path := filepath.Join(dir, "sescheck.lock")
	if out, errs, code := lockIn(t, dir, holes); code != "3" || out != "" || !strings.Contains(errs, "nothing is locked\nask for TXT gone.elsewhere.example: offline") {
		t.Errorf("exit %s\n%s%s", code, out, errs)
	}
	if _, err := os.Stat(path); err == nil {
		t.Error("there is a lock")
	}
	if _, errs, code := lockIn(t, dir, good); code != "0" {
		t.Fatalf("exit %s: %s", code, errs)
	}
	old := readFile(t, path)
	if _, errs, code := lockIn(t, dir, holes); code != "3" || readFile(t, path) != old {
		t.Errorf("exit %s: %s", code, errs)
	}
}

// TestWrongLocks: check and lint report a wrong lock with its place; lock replaces
// it, unless a newer release wrote it.
func TestWrongLocks(t *testing.T) {
	t.Parallel()
	entry := func(rest string) string {
		return "{\"version\": 1,\n \"includes\": {\n  \"_spf.crm.example\": {\"since\": \"2026-01-02\", " + rest + "}}}"
	}
	for name, c := range map[string]struct{ text, want string }{
		"empty":          {"", "sescheck.lock:1:1: this is not a sescheck lock: it ends too early; write it again"},
		"conflict marks": {"{\n<<<<<<< HEAD\n", "sescheck.lock:2:1: this is not a sescheck lock: invalid character '<'"},
		"cut":            {"{\"version\": 1, \"includes\": {", "it ends too early"},
		"another JSON":   {"{}", "it has no version"},
		"newer":          {`{"version": 2, "spf": []}`, "a newer sescheck wrote this lock, of version 2"},
		"more behind":    {`{"version": 1, "includes": {}} {}`, "there is extra data after the lock"},
		"unknown key":    {`{"version": 1, "includes": {}, "##[error]": 1}`, `unknown field`},
		"wrong type":     {entry(`"lookups": "many", "terms": []`), "sescheck.lock:3:"},
		"no day":         {entry(`"lookups": 1, "terms": [], "since": "today"`), `sescheck.lock:3:3: "_spf.crm.example" has since "today", which is not a date`},
		"negative":       {entry(`"lookups": -1, "terms": []`), "has -1 lookups"},
		"state":          {entry(`"lookups": 1, "state": "::error::x", "terms": []`), `has state "::error::x"`},
		"a command":      {entry(`"lookups": 1, "terms": ["::error::pwn"]`), `has term "::error::pwn", which is not valid`},
		"an old command": {entry(`"lookups": 1, "terms": ["a##[error]pwn"]`), `which is not valid`},
		"control":        {entry(`"lookups": 1, "terms": ["\u001b[2J"]`), `has term "\x1b[2J", which is not valid`},
		"blank":          {entry(`"lookups": 1, "terms": ["a b"]`), "which is not valid"},
		"no name":        {`{"version": 1, "includes": {"A b": {"since": "2026-01-02", "lookups": 0, "terms": []}}}`, `"A b" is not a name`},
	} {
		dir, zones := lockFolder(t, crm)
		path := filepath.Join(dir, "sescheck.lock")
		if err := os.WriteFile(path, []byte(c.text), 0o644); err != nil {
			t.Fatal(err)
		}
		for _, command := range []string{"check", "lint"} {
			out, errs, code := run(t, command, filepath.Join(dir, "sescheck.yaml"))
			if code != "2" || out != "" || !strings.Contains(errs, c.want) || len(hostile.Commands(errs)) > 0 {
				t.Errorf("%s: %s: exit %s, want %q\n%s%s", name, command, code, c.want, out, errs)
			}
		}
		_, errs, code := lockIn(t, dir, zones)
		if name == "newer" {
			if code != "2" || readFile(t, path) != c.text {
				t.Errorf("%s: exit %s: %s", name, code, errs)
			}
		} else if code != "0" || !strings.Contains(readFile(t, path), "_spf.crm.example") {
			t.Errorf("%s: exit %s: %s", name, code, errs)
		}
	}
}

// TestLockLeadsOut: a lock that is a link out of the checkout is not read.
func TestLockLeadsOut(t *testing.T) {
	dir, _ := lockFolder(t, crm)
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte("{\"version\": 1}"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(secret, filepath.Join(dir, "sescheck.lock")); err != nil {
		t.Skip(err)
	}
	t.Chdir(dir)
	if out, errs, code := run(t, "lint"); code != "2" || !strings.Contains(errs, "it leads out of the working directory") {
		t.Errorf("exit %s\n%s%s", code, out, errs)
	}
}

// TestLockFolders: each folder has a lock of its own.
func TestLockFolders(t *testing.T) {
	t.Parallel()
	one, zones := lockFolder(t, crm)
	two := t.TempDir()
	if err := os.WriteFile(filepath.Join(two, "more.yaml"), []byte("version: 1\ndomains:\n  crm.example: {spf: [_spf.crm.example]}\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if out, errs, code := run(t, "lock", "--zones", zones, "--offline", one, two); code != "0" {
		t.Fatalf("exit %s\n%s%s", code, out, errs)
	}
	if text := readFile(t, filepath.Join(two, "sescheck.lock")); strings.Contains(text, "_spf") {
		t.Errorf("crm.example has no record of its own:\n%s", text)
	}
	if text := readFile(t, filepath.Join(one, "sescheck.lock")); !strings.Contains(text, "_spf.crm.example") {
		t.Errorf("%s", text)
	}
}
