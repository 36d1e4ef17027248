package edit

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/config/configtest"
	"github.com/sescheck/sescheck/internal/record"
)

// entry is the only domain of a file.
func entry(t *testing.T, text string) Entry {
	t.Helper()
	f, ps := config.Parse("entry", []byte("version: 1\ndomains:\n"+text))
	if len(ps) > 0 || len(f.Domains) != 1 {
		t.Fatalf("%v in\n%s", ps, text)
	}
	return Entry{Domain: f.Domains[0]}
}

const addedDomain = `
  added.example:
    region: eu-west-1
    dkim: [tokena, tokenb, tokenc]
    mail_from: bounce
    spf: {includes: [_spf.google.com], all: "-all"}
`

// keepsAll fails unless every byte of before is still there, in its order.
func keepsAll(t *testing.T, before, after []byte) {
	t.Helper()
	for _, c := range before {
		i := bytes.IndexByte(after, c)
		if i < 0 {
			t.Fatalf("bytes are lost, %q and what is behind it", c)
		}
		after = after[i+1:]
	}
}

// holdsMore fails unless after says of each domain what before says, and has
// the domains of entries besides.
func holdsMore(t *testing.T, before, after []byte, added ...record.Name) {
	t.Helper()
	old, _ := config.Parse("f", before)
	now, ps := config.Parse("f", after)
	if len(ps) > 0 {
		t.Fatalf("the result has mistakes: %v\n%s", ps, after)
	}
	if len(now.Domains) != len(old.Domains)+len(added) {
		t.Fatalf("%d domains of %d, and %d added\n%s", len(now.Domains), len(old.Domains), len(added), after)
	}
	for i := range old.Domains {
		if was, is := said(&old.Domains[i]), said(&now.Domains[i]); was != is {
			t.Errorf("%s was %s and is %s", old.Domains[i].Name, was, is)
		}
	}
	for i, n := range added {
		if now.Domains[len(old.Domains)+i].Name != n {
			t.Errorf("%s is not there", n)
		}
	}
}

// TestAddToEveryFile adds to all files of the stories and of the tests.
func TestAddToEveryFile(t *testing.T) {
	added := entry(t, addedDomain)
	tried := 0
	err := filepath.WalkDir("../../..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".yaml" {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if _, ps := config.Parse("f", data); len(ps) > 0 {
			return nil
		}
		tried++
		a, err := Add("f", data, []Entry{added})
		if err != nil {
			t.Errorf("%s: %v", path, err)
			return nil
		}
		keepsAll(t, data, a.Data)
		holdsMore(t, data, a.Data, "added.example")
		return nil
	})
	if err != nil || tried < 50 {
		t.Errorf("%d files, %v", tried, err)
	}
}

// TestAdd: files of testdata hold files as they were, what is to be
// added, and files as they should be, parted by lines.
func TestAdd(t *testing.T) {
	stories, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(stories) == 0 {
		t.Fatal("no stories", err)
	}
	for _, path := range stories {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txt"), func(t *testing.T) {
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			parts := strings.Split(string(text), ">>> ")
			section := func(name string) string {
				for _, p := range parts {
					if rest, ok := strings.CutPrefix(p, name+"\n"); ok {
						return rest
					}
				}
				return ""
			}
			unescape := strings.NewReplacer("\\r\n", "\r\n", "\\no newline\n", "").Replace
			before, want := unescape(section("file")), unescape(section("want"))
			f, ps := config.Parse("add", []byte("version: 1\ndomains:\n"+section("add")))
			if len(ps) > 0 {
				t.Fatal(ps)
			}
			var entries []Entry
			for _, d := range f.Domains {
				entries = append(entries, Entry{Domain: d})
			}
			if n := section("notes"); n != "" {
				entries[0].Notes = strings.Split(strings.TrimSpace(n), "\n")
			}
			a, err := Add("f.yaml", []byte(before), entries)
			if err != nil {
				if diff := cmp.Diff(section("error"), err.Error()+"\n"); diff != "" {
					t.Errorf("want -, got +\n%s", diff)
				}
				return
			}
			if diff := cmp.Diff(want, string(a.Data)); diff != "" {
				t.Errorf("want -, got +\n%s\n%q", diff, a.Data)
			}
			keepsAll(t, []byte(before), a.Data)
			reported := ""
			for _, d := range a.Differences {
				reported += string(d.Domain) + " line " + strconv.Itoa(d.Place.Line) + ": " + d.What + "\n"
			}
			if diff := cmp.Diff(section("told"), reported); diff != "" {
				t.Errorf("told: want -, got +\n%s", diff)
			}
			again, err := Add("f.yaml", a.Data, entries)
			if err != nil || !bytes.Equal(again.Data, a.Data) {
				t.Errorf("the second time it changes: %v\n%s", err, cmp.Diff(string(a.Data), string(again.Data)))
			}
		})
	}
}

// FuzzAdd: whatever the file is, adding a domain and a key keeps every byte of
// it in order, and what comes out says what the file said and what was added.
func FuzzAdd(f *testing.F) {
	for _, text := range configtest.Texts(f, "../testdata") {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		data := []byte(text)
		old, ps := config.Parse("f", data)
		if len(ps) > 0 {
			return
		}
		writesBack(t, old)
		added := entry(t, addedDomain)
		for _, d := range old.Domains {
			if d.Name == added.Domain.Name {
				return
			}
		}
		a, err := Add("f", data, []Entry{added})
		if err != nil {
			if s := err.Error(); strings.ContainsAny(s, "\r\x1b\x00") || strings.Contains(s, "##[") {
				t.Errorf("unsafe: %q", s)
			}
			return
		}
		keepsAll(t, data, a.Data)
		holdsMore(t, data, a.Data, "added.example")
		more := Entry{Domain: old.Domains[0]}
		more.Domain.SPF = &config.SPF{Exact: true, Includes: []config.At[record.Name]{{Value: "fuzz.example"}}}
		if a, err = Add("f", data, []Entry{more}); err == nil {
			keepsAll(t, data, a.Data)
			holdsMoreSPF(t, data, a.Data)
		}
		more = Entry{Domain: old.Domains[0]}
		more.Domain.Identities = []config.Identity{{Region: config.At[string]{Value: "fu-zz-1"}, Verification: []config.At[string]{{Value: "fuzz"}}}}
		if a, err = Add("f", data, []Entry{more}); err == nil {
			keepsAll(t, data, a.Data)
		}
	})
}

// holdsMoreSPF allows the first domain to have got its spf.
func holdsMoreSPF(t *testing.T, before, after []byte) {
	t.Helper()
	old, _ := config.Parse("f", before)
	now, ps := config.Parse("f", after)
	if len(ps) > 0 || len(now.Domains) != len(old.Domains) {
		t.Fatalf("%v, %d domains\n%s", ps, len(now.Domains), after)
	}
	for i := range old.Domains {
		if i == 0 && old.Domains[0].SPF == nil {
			old.Domains[0].SPF = now.Domains[0].SPF
		}
		if was, is := said(&old.Domains[i]), said(&now.Domains[i]); was != is {
			t.Errorf("%s was %s and is %s", old.Domains[i].Name, was, is)
		}
	}
}

// TestAddToWrongFile: what is wrong with a file is said before anything is added to
// it, also where its domains are under a misspelt key.
func TestAddToWrongFile(t *testing.T) {
	t.Parallel()
	found := entry(t, "  a.example: {region: eu-west-1, mail_from: bounce}\n")
	for _, text := range []string{
		"version: 1\ndomans:\n  a.example: {spf: [x.example]}\n",
		"version: 1\ndomains:\n  a.example: {spff: [x.example]}\n",
		"version: 1\ndomans:\n  b.example: {spf: [x.example]}\n",
	} {
		_, err := Add("f", []byte(text), []Entry{found})
		wrong, ok := errors.AsType[*Wrong](err)
		if !ok || len(wrong.Problems) != 1 || !strings.Contains(wrong.Error(), "did you mean") {
			t.Errorf("%s%v", text, err)
		}
	}
}

// TestWriteReads: what is written of a file says what the file says.
func TestWriteReads(t *testing.T) {
	err := filepath.WalkDir("../../..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".yaml" {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if f, ps := config.Parse("f", data); len(ps) == 0 {
			writesBack(t, f)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

func writesBack(t *testing.T, f *config.File) {
	t.Helper()
	var entries []Entry
	want := map[record.Name]string{}
	for i := range f.Domains {
		entries = append(entries, Entry{Domain: f.Domains[i], Notes: []string{"A note."}})
		want[f.Domains[i].Name] = said(&f.Domains[i])
	}
	text := Write(entries)
	g, ps := config.Parse("w", text)
	if len(ps) > 0 {
		t.Fatalf("what was written has mistakes: %v\n%s", ps, text)
	}
	got := map[record.Name]string{}
	for i := range g.Domains {
		got[g.Domains[i].Name] = said(&g.Domains[i])
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("want -, got +\n%s\n%s", diff, text)
	}
}
