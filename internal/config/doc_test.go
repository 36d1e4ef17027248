package config

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sescheck/sescheck/internal/untrusted"
)

// section is a part of docs/config.md.
type section struct {
	title string
	rows  [][]string // of its table, without the head
	yaml  []string
	plain []string // blocks that are not YAML
}

// manual reads docs/config.md.
func manual(t *testing.T) (all []section) {
	t.Helper()
	text, err := os.ReadFile("../../docs/config.md")
	if err != nil {
		t.Fatal(err)
	}
	block := regexp.MustCompile("(?ms)^```(\\w*)\n(.*?)^```$")
	for part := range strings.SplitSeq("\n"+string(text), "\n#") {
		title, body, _ := strings.Cut(part, "\n")
		s := section{title: strings.Trim(title, "# `")}
		for _, m := range block.FindAllStringSubmatch(body, -1) {
			if m[1] == "yaml" {
				s.yaml = append(s.yaml, m[2])
			} else {
				s.plain = append(s.plain, m[2])
			}
		}
		for line := range strings.SplitSeq(block.ReplaceAllString(body, ""), "\n") {
			if row, ok := strings.CutPrefix(line, "| "); ok {
				s.rows = append(s.rows, strings.Split(strings.TrimSuffix(row, " |"), " | "))
			}
		}
		if len(s.rows) > 0 {
			s.rows = s.rows[1:]
		}
		all = append(all, s)
	}
	return all
}

// TestManualKeys: the manual has a table for each mapping of the file, with the
// keys that it may have.
func TestManualKeys(t *testing.T) {
	documented := map[string][]string{}
	for _, s := range manual(t) {
		for _, row := range s.rows {
			documented[s.title] = append(documented[s.title], strings.Trim(row[0], "`"))
		}
	}
	for title, l := range map[string]*level{
		"Top of the file": topLevel, "Keys of a domain": domainLevel, "dkim": dkimLevel, "mail_from": mailFromLevel,
		"receiving": receivingLevel, "tracking": trackingLevel, "spf": spfLevel, "dmarc": dmarcLevel, "ignore": ignoreLevel,
	} {
		if diff := cmp.Diff(l.keys, documented[title]); diff != "" {
			t.Errorf("the table of %s: want -, got +\n%s", title, diff)
		}
		if !slices.Contains(levels, l) {
			t.Errorf("%s is no level", title)
		}
	}
	if len(levels) != 9 {
		t.Errorf("there are %d levels", len(levels))
	}
	for _, key := range append(slices.Clone(domainLevel.keys), "defaults", "domains", "checks", "ignore") {
		if !slices.ContainsFunc(manual(t), func(s section) bool { return s.title == key }) {
			t.Errorf("the manual has no section for %s", key)
		}
	}
}

// TestManualExamples: what the manual shows is right, or as wrong as it says.
func TestManualExamples(t *testing.T) {
	examples := 0
	for _, s := range manual(t) {
		for _, text := range s.yaml {
			if !strings.HasPrefix(text, "version:") {
				text = "version: 1\ndefaults: {region: eu-west-1}\ndomains:\n  example.com:\n    " + strings.ReplaceAll(text, "\n", "\n    ")
			}
			examples++
			if _, ps := Parse("f", []byte(text)); len(ps) > 0 {
				t.Errorf("%s: %v\n%s", s.title, ps, text)
			}
		}
		if s.title == "What is wrong" {
			_, ps := Parse("sescheck.yaml", []byte("version: 1\ndomains:\n  example.com:\n    region: Europe (Ireland)\n    mailfrom: bounce\n"))
			var told strings.Builder
			for _, p := range ps {
				fmt.Fprintln(&told, p)
			}
			if diff := cmp.Diff([]string{told.String()}, s.plain); diff != "" {
				t.Error(diff)
			}
		}
	}
	if examples < 10 {
		t.Errorf("only %d examples were found", examples)
	}
}

func TestManualBounds(t *testing.T) {
	want := []string{
		fmt.Sprint(MaxFileSize>>20) + " MiB", fmt.Sprint(MaxSize>>20) + " MiB", fmt.Sprint(untrusted.MaxFiles), fmt.Sprint(untrusted.MaxEntries), fmt.Sprint(untrusted.MaxLevels),
		fmt.Sprint(MaxDomains), fmt.Sprint(MaxIdentities), fmt.Sprint(MaxTokens), fmt.Sprint(MaxIncludes),
		fmt.Sprint(MaxIgnores), fmt.Sprint(MaxGlobs), fmt.Sprint(MaxValues), fmt.Sprint(MaxCopies), fmt.Sprint(MaxDepth), fmt.Sprint(maxProblems),
	}
	var got []string
	for _, s := range manual(t) {
		if s.title == "Bounds" {
			for _, row := range s.rows {
				got = append(got, row[1])
			}
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
