package source

import (
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/sescheck/sescheck/internal/record"
)

// suffixes are how names of zone files end: by convention, or of those that
// Windows, Webmin and others write.
var suffixes = []string{".zone", ".db", ".bind", ".dns", ".hosts"}

// kind is what a file's name says of it.
type kind int

const (
	otherFile kind = iota
	maybeZone      // a text, or named like a domain: what is in it decides
	zoneFile
)

// kindOf says whether a file of a folder may be a zone file.
func kindOf(path string) kind {
	name := strings.ToLower(filepath.Base(path))
	endsIn := func(s string) bool { return strings.HasSuffix(name, s) }
	switch {
	case strings.HasPrefix(name, "."):
		return otherFile
	case slices.ContainsFunc(suffixes, endsIn), strings.HasPrefix(name, "db."):
		return zoneFile
	case strings.HasSuffix(name, ".json"), strings.HasSuffix(name, ".yaml"), strings.HasSuffix(name, ".yml"):
		return otherFile
	case strings.HasSuffix(name, ".txt"), fileZone(path) != "":
		return maybeZone
	}
	return otherFile
}

// fileZone is the zone that a file is named after; "" where its name is no
// domain. A single label, such as that of zone.txt, names none but the root.
func fileZone(path string) record.Name {
	s := strings.ToLower(filepath.Base(path))
	for _, suffix := range slices.Concat([]string{".txt"}, suffixes) {
		s = strings.TrimSuffix(s, suffix)
	}
	s = strings.TrimPrefix(s, "db.")
	if s == "root" {
		return record.Root
	}
	n, err := record.ParseName(s)
	if err != nil || !n.Plain() || n.Labels() < 2 {
		return ""
	}
	return n
}

// heading matches the comments in which exports name their zone: Cloudflare's
// and GoDaddy's, and those of Windows.
var heading = regexp.MustCompile(`(?mi)^;+\s*(?:Domain:\s*(\S+)|Database file \S+ for (\S+) zone\.)\s*$`)

// headingZone is the zone that a comment at the top of the file names.
func headingZone(text string) record.Name {
	const top = 2 << 10
	m := heading.FindStringSubmatch(text[:min(top, len(text))])
	if m == nil {
		return ""
	}
	n, err := record.ParseName(m[1] + m[2])
	if err != nil || !n.Plain() {
		return ""
	}
	return n
}
