package publish

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/wanted"
)

// OctoDNS writes what octoDNS's YamlProvider reads: a document for each zone,
// its names in natural order, which is what it insists on.
func OctoDNS(w io.Writer, zones []Zone) error {
	var b strings.Builder
	for _, z := range zones {
		fmt.Fprintf(&b, "---\n# %s, for %syaml\n", z.Name, z.Name.FQDN())
		comments(&b, "#", z.Notes)
		names := map[string][]wanted.Set{}
		var order []string
		for _, s := range z.Sets {
			name := relative(s.Name, z.Name)
			if names[name] == nil {
				order = append(order, name)
			}
			names[name] = append(names[name], s)
		}
		slices.SortFunc(order, natural)
		if len(order) == 0 {
			b.WriteString("{}\n")
		}
		for _, name := range order {
			fmt.Fprintf(&b, "%s:\n", quoteYAML(name))
			for _, s := range names[name] {
				if err := octoSet(&b, s); err != nil {
					return err
				}
			}
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func octoSet(b *strings.Builder, s wanted.Set) error {
	fmt.Fprintf(b, "  # %s\n  - ttl: %d\n    type: %s\n", purposes(s), TTL, s.Type)
	all := s.All()
	if s.Type == record.CNAME {
		fmt.Fprintf(b, "    value: %s\n", quoteYAML(all[0].Host.FQDN()))
		return nil
	}
	b.WriteString("    values:\n")
	for _, r := range all {
		if r.Type == record.MX {
			fmt.Fprintf(b, "      - exchange: %s\n        preference: %d\n", quoteYAML(r.Host.FQDN()), r.Preference)
			continue
		}
		text, err := inOctoDNS(r)
		if err != nil {
			return fmt.Errorf("TXT at %s: %w", s.Name, err)
		}
		fmt.Fprintf(b, "      - %s\n", quoteYAML(text))
	}
	return nil
}

// inOctoDNS is the text of a TXT record as octoDNS takes it: in one piece, which
// it cuts itself, and with its semicolons escaped. It takes quotes around it off
// and `" "` for a cut.
func inOctoDNS(r record.Record) (string, error) {
	text := strings.ReplaceAll(r.Text().Raw(), ";", `\;`)
	if strings.Contains(text, `" "`) {
		return "", fmt.Errorf("octoDNS cannot express %.80s", r.Text())
	}
	if strings.HasPrefix(text, `"`) {
		text = `"` + text + `"`
	}
	return text, nil
}

// quoteYAML writes text as a double-quoted scalar of YAML, in which no type can
// be seen.
func quoteYAML(s string) string {
	return `"` + escaped(strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s)) + `"`
}

// natural compares names as people number them: t2 before t10.
func natural(a, b string) int {
	for a != "" && b != "" {
		x, y := digits(a), digits(b)
		if x > 0 && y > 0 {
			m, n := strings.TrimLeft(a[:x], "0"), strings.TrimLeft(b[:y], "0")
			if len(m) != len(n) {
				return len(m) - len(n)
			}
			if c := strings.Compare(m, n); c != 0 {
				return c
			}
			a, b = a[x:], b[y:]
			continue
		}
		if a[0] != b[0] {
			if x > 0 || y > 0 { // where one has a number, the other's text goes on
				return y - x
			}
			return int(a[0]) - int(b[0])
		}
		a, b = a[1:], b[1:]
	}
	return len(a) - len(b)
}

// digits counts the digits that s begins with.
func digits(s string) int { return len(s) - len(strings.TrimLeft(s, "0123456789")) }
