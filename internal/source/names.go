package source

import (
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/sescheck/sescheck/internal/record"
)

// suffixes are the file name extensions of zone files: usual ones, and those of
// Windows, Webmin and further tools.
var suffixes = []string{".zone", ".db", ".bind", ".dns", ".hosts"}

// kind is the kind of a file by its name.
type kind int

const (
	otherFile kind = iota
	maybeZone      // a text, or named like a domain: the content decides
	treeFile       // JSON or YAML: the content decides
	zoneFile
	named // by the user
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
	case strings.HasSuffix(name, ".json"), strings.HasSuffix(name, ".yaml"), strings.HasSuffix(name, ".yml"), strings.HasSuffix(name, ".template"):
		return treeFile
	case strings.HasSuffix(name, ".txt"), fileZone(path) != "":
		return maybeZone
	}
	return otherFile
}

// anything are words for zone files of which none is a zone.
var anything = []string{"db", "dns", "domain", "export", "hosts", "master", "named", "primary", "records", "zone", "zonefile", "zones"}

// fileZone is the zone that a file is named after; "" where its name is no
// domain. A single label is one where the suffix or prefix is that of a zone
// file: corp.zone is named after a zone, zone.txt and corp.txt are not.
func fileZone(path string) record.Name {
	s, known := strings.TrimSuffix(strings.ToLower(filepath.Base(path)), ".txt"), false
	for _, suffix := range suffixes {
		if rest, ok := strings.CutSuffix(s, suffix); ok {
			s, known = rest, true
		}
	}
	if rest, ok := strings.CutPrefix(s, "db."); ok {
		s, known = rest, true
	}
	n, err := record.ParseName(s)
	switch {
	case err != nil || !n.Plain() || n.Labels() < 2 && (!known || slices.Contains(anything, s)):
		return ""
	case s == "root":
		return record.Root
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
