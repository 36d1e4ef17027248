package source_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/source"
)

// write puts a file into a folder and returns its path.
func write(t *testing.T, dir, name, text string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// read is what a file of that name and text holds, a line each: the apex, then
// line number, owner, type and data of the records in the file's order, then what was skipped; or
// what is wrong.
func read(t *testing.T, name, text string) string {
	t.Helper()
	path := write(t, t.TempDir(), name, text)
	short := strings.NewReplacer(path, name)
	zones, err := source.ReadZones(t.Context(), path)
	if err != nil {
		return short.Replace(err.Error())
	}
	var b strings.Builder
	for _, z := range zones.All() {
		fmt.Fprintf(&b, "%s\n", z.Apex)
		for _, r := range slices.SortedStableFunc(slices.Values(z.Records), func(a, b source.Record) int { return a.Line - b.Line }) {
			switch {
			case r.Computed:
				fmt.Fprintf(&b, "%d %s computed %s\n", r.Line, r.Owner, r.Data.Type)
			case r.Proxied:
				fmt.Fprintf(&b, "%d %s proxied %s\n", r.Line, r.Owner, r.Data)
			case r.Data.Type == record.SOA:
				fmt.Fprintf(&b, "%d %s SOA\n", r.Line, r.Owner)
			default:
				fmt.Fprintf(&b, "%d %s %s\n", r.Line, r.Owner, strings.TrimSuffix(r.Data.Type.String()+" "+r.Data.String(), " "))
			}
		}
	}
	for _, s := range zones.Skipped() {
		fmt.Fprintf(&b, "skipped: %s\n", short.Replace(s.String()))
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// reading is a zone file and what is read from it.
type reading struct{ name, text, want string }

func (c reading) hold(t *testing.T) {
	t.Helper()
	if diff := cmp.Diff(strings.TrimPrefix(c.want, "\n"), read(t, c.name, c.text)); diff != "" {
		t.Errorf("want -, got +\n%s", diff)
	}
}

func repeat(s string, n int) string { return strings.Repeat(s, n) }

// TestBadFiles: what is wrong is reported with its file and line, each cause once,
// and without the file's text.
func TestBadFiles(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]reading{
		"data":          {"example.test.zone", "@ 300 IN TXT \"a\"\nbounce 300 IN MX ten mail\n", "example.test.zone:2: the data of this MX record is not a preference and a host name"},
		"several":       {"example.test.zone", "@ TXT a\na MX ten mail\nb A a.b\nc MX\nd MX twenty mail\n\ne A\n", "example.test.zone:2: the data of this MX record is not a preference and a host name (and in 2 more)\nexample.test.zone:3: the data of this A record is not an IPv4 address (and in 1 more)"},
		"include":       {"example.test.zone", "@ TXT a\n$INCLUDE /etc/passwd\n$INCLUDE more\nx MX ten\n", "example.test.zone:2: $INCLUDE is not read: put the records into this file"},
		"include first": {"zones.txt", "$INCLUDE soa.inc\nwww A 192.0.2.1\n", "zones.txt:1: $INCLUDE is not read: put the records into this file"},
		"outside":       {"example.test.zone", "@ TXT a\nother.test. 300 IN TXT b\n", "example.test.zone:2: a record outside zone example.test"},
		"two zones":     {"example.test.zone", "@ IN SOA a b 1 1 1 1 1\nother.test. IN SOA a b 1 1 1 1 1\n", "example.test.zone:2: an SOA record of another zone than example.test; use one file per zone"},
		"quote":         {"example.test.zone", "a TXT a\nb TXT \"v=spf1 -all\nc TXT \"d\"\n", "example.test.zone:2: a quote that is not closed; nothing after it was read"},
		"parenthesis":   {"example.test.zone", "a TXT a\nb TXT (\n\"c\"\nd TXT \"e\"\n", "example.test.zone:2: a parenthesis that is not closed"},
		"closing":       {"example.test.zone", "a TXT a\nb TXT c )\n", "example.test.zone:2: a closing parenthesis without an opening one"},
		"no owner":      {"example.test.zone", " TXT a\nb TXT c\n", "example.test.zone:1: the first record begins with a space, so it has no name"},
		"open SOA":      {"example.test.zone", "@ 300 IN SOA ns1 h ( 1 1 1 1 1\nb MX 10 a\n", "example.test.zone:1: a parenthesis that is not closed"},
		"swapped":       {"example.test.zone", "b TXT c\na 300 IN CNMAE mail\n", "example.test.zone:2: DNS has no such type of records; did you mean CNAME?"},
		"slip":          {"example.test.zone", "b TXT c\na 300 IN MXX 10 mail\n", "example.test.zone:2: DNS has no such type of records; did you mean MX?"},
		"no type":       {"example.test.zone", "b TXT c\na 300 IN wrong 10 mail\n", "example.test.zone:2: DNS has no such type of records"},
		"no data":       {"example.test.zone", "b TXT c\na 300 IN\n", "example.test.zone:2: a record without a type"},
		"directive":     {"example.test.zone", "b TXT c\n$UNIT 3\n$TTL soon\n$ORIGIN\n", "example.test.zone:2: only $ORIGIN, $TTL and $GENERATE may begin with a dollar sign\nexample.test.zone:3: $TTL is not a number of seconds\nexample.test.zone:4: $ORIGIN needs one value"},
		"generate":      {"example.test.zone", "b TXT c\n$GENERATE 5-1 a$ A 192.0.2.$\n$GENERATE 1-2\n", "example.test.zone:2: $GENERATE cannot be read; it needs a range such as 1-10, a name, a type and data (and in 1 more)"},
		"nothing":       {"example.test.zone", "; Transfer failed.\n", "example.test.zone: there is no record in it"},
		"secret":        {"example.test.zone", "password hunter2\nroot:x:0:0\n", "example.test.zone:1: it does not look like a zone file"},
		"secret alone":  {"shadow", "root:$6$abc:1:2\n", "shadow: it does not look like a zone file"},
		"hostile":       {"example.test.zone", "##[error]x IN MX ::set-output\n", "example.test.zone:1: the data of this MX record is not a preference and a host name"},
		"binary":        {"example.test.zone", "\xff\xfea\x00 \x00", "example.test.zone: it is not UTF-8 text"},
		"long":          {"example.test.zone", "b TXT c\na TXT " + repeat("\"x\" ", 70000) + "\nd TXT e\n", "example.test.zone:2: a record of more than 256 KiB"},
		"long text":     {"example.test.zone", "b TXT c\na TXT " + repeat("\""+repeat("x", 255)+"\" ", 256) + "\n", "example.test.zone:2: the data of this TXT record is not text of up to 65535 bytes"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c.hold(t)
		})
	}
}

// TestFolders: in a folder, files are zone files that are named like one, or
// hold one and are named like a domain or a text.
func TestFolders(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"a.test.zone": "@ TXT a\n",
		"b.test.db":   "@ TXT a\n",
		"db.c.test":   "@ TXT a\n",
		"d.test.":     "@ 300 IN TXT a\n",
		"e.test":      "@ TXT a\n",
		"export.txt":  "; a comment\n$ORIGIN f.test.\n@ TXT a\n",
		"g.test.bind": "@ TXT a\n",
		"h.test.dns":  "@ TXT a\n",

		"README.md": "# Zones\n", "notes.txt": "to do: tell IN what TXT is\n", "main.tf": "a = 1\n", "run.sh": "#!/bin/sh\n",
		".x.test.zone": "broken", "x.test.json": "{}", "x.test.yaml": "a: b\n", "zones": "nothing",
	} {
		write(t, dir, name, text)
	}
	sub := filepath.Join(dir, "sub")
	hidden := filepath.Join(dir, ".git")
	for _, d := range []string{sub, hidden} {
		if err := os.Mkdir(d, 0o777); err != nil {
			t.Fatal(err)
		}
	}
	write(t, sub, "i.test.zone", "@ TXT a\n")
	write(t, hidden, "j.test.zone", "broken")
	zones, err := source.ReadZones(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, z := range zones.All() {
		got = append(got, string(z.Apex)+" "+filepath.Base(z.File))
	}
	want := []string{"a.test a.test.zone", "b.test b.test.db", "c.test db.c.test", "d.test d.test.", "e.test e.test", "f.test export.txt", "g.test g.test.bind", "h.test h.test.dns", "i.test i.test.zone"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("want -, got +\n%s", diff)
	}
}

func TestNoZones(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, "README.md", "nothing")
	for path, want := range map[string]string{
		dir:                           "read zone files: there are none in ",
		filepath.Join(dir, "missing"): "read zone files: ",
	} {
		if _, err := source.ReadZones(t.Context(), path); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: %v", path, err)
		}
	}
}

// TestZonesAdded: zone files may be read in turn, and the same ones again; a
// second file of a zone is an error.
func TestZonesAdded(t *testing.T) {
	t.Parallel()
	first, second := t.TempDir(), t.TempDir()
	write(t, first, "a.test.zone", "www 300 IN A 192.0.2.1\n")
	write(t, second, "b.test.zone", "www 300 IN A 192.0.2.1\n")
	zones, err := source.ReadZones(t.Context(), first)
	if err == nil {
		err = zones.Add(t.Context(), second, first, filepath.Join(first, "a.test.zone"))
	}
	if err != nil || len(zones.All()) != 2 {
		t.Errorf("%v %v", zones.All(), err)
	}
	write(t, second, "db.a.test", "www 300 IN A 192.0.2.1\n")
	if err := zones.Add(t.Context(), second); err == nil || !strings.Contains(err.Error(), "zone a.test is in ") {
		t.Errorf("a second file of a zone: %v", err)
	}
}

// TestZonesLeadOut: zone files of a checkout may be a stranger's. A link among
// them leads to no other file of the machine.
func TestZonesLeadOut(t *testing.T) {
	outside := t.TempDir()
	write(t, outside, "secret", "password hunter2\n")
	t.Chdir(t.TempDir())
	for _, folder := range []string{"zones", "own"} {
		if err := os.Mkdir(folder, 0o777); err != nil {
			t.Fatal(err)
		}
	}
	write(t, "own", "shared", "@ 300 IN TXT \"a\"\n")
	for link, target := range map[string]string{
		"zones/a.test.zone": filepath.Join(outside, "secret"),
		"own/b.test.zone":   "shared",
	} {
		if err := os.Symlink(target, filepath.FromSlash(link)); err != nil {
			t.Skip("no symbolic links here:", err)
		}
	}
	want := filepath.FromSlash("zones/a.test.zone") + ": it leads out of the working directory; name the file that the link points to"
	if _, err := source.ReadZones(t.Context(), "zones"); err == nil || err.Error() != want {
		t.Errorf("got %v\nwant %s", err, want)
	}
	if _, err := source.ReadZones(t.Context(), "own"); err != nil {
		t.Error(err)
	}
}
